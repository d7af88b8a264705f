package lru.keys;

public class Key { public static String of(String text) { return text; } }
