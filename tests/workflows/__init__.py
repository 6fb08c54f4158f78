"""The workflows of `.github`: their form, and what their steps do."""
