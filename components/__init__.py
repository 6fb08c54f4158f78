"""Building blocks: one ComponentResource a file. Nothing here reads configuration."""
