package lru;

import java.util.LinkedHashMap;
import java.util.Map;
import lru.keys.Key;

class Lru {
    private final LinkedHashMap<String, String> kept;

    Lru(int size) {
        kept = new LinkedHashMap<>() {
            @Override protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
                return size() > size;
            }
        };
    }

    void put(String key, String value) { kept.put(Key.of(key), value); }
    String get(String key) { return kept.get(Key.of(key)); }
}
