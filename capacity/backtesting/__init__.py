"""How far replays of a trace are from what was measured of the same weeks."""
