"""What the workflows run beside previews; the standard library is enough for it, so it needs no set-up."""
