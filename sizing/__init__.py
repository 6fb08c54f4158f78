"""Pure arithmetic and data: instance types, allocatable and usable, prices, names. No Pulumi, network or clock."""
