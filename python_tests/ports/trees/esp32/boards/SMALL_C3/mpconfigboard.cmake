set(IDF_TARGET esp32c3)
