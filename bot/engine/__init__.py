"""Small engines: turns, messages, flows, commands, duties."""
