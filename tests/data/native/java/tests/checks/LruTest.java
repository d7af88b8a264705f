/* A licence: package wrong; */
package lru;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LruTest {
    @Test
    void oldestGoes() throws Exception {
        Lru lru = new Lru(1);
        for (String line : Files.readAllLines(Path.of("checks/keys.txt"))) lru.put(line, line);
        assertThat(lru.get("a")).isNull();
        assertThat(lru.get("b")).isEqualTo(Helper.B);
    }
}
