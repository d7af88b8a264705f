package lru;

class Helper { static final String B = "b"; }
