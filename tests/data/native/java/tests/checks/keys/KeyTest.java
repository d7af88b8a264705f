package lru.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

public class KeyTest {
    @ParameterizedTest
    @ValueSource(strings = {"A", "b"})
    void isLower(String text) { assertEquals(text.toLowerCase(), Key.of(text)); }
}
