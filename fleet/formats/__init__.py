"""What a preview looks like: for people, for a pull request, for programs."""
