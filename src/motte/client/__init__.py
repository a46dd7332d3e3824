"""The facade that users hold, its features, and the ports through which features see the engine."""
