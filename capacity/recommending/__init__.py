"""How large queues should be for what is wanted of them."""
