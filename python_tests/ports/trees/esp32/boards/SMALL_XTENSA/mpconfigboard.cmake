# An ESP32, which needs no IDF_TARGET.
