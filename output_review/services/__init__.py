"""The steps of the control zone, each a function over an open `ControlZone`."""
