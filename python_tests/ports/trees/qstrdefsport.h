// The names that the port itself adds: none.
