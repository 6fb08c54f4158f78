"""Software from charts: how it is installed, which versions, and what the jobs' own systems are told."""
