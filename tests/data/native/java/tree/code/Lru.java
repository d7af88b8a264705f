package lru;

class Lru { Lru(int size) {} String get(String key) { return null; } }
