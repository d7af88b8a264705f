package llmbench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Tests that have to fail, in each of the ways in which the exercises' tests fail. */
class Canary {
    @Test
    void assertjCompares() {
        assertThat(1).isEqualTo(2);
    }

    @Test
    void assertjExpectsAnException() {
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> {});
    }

    @Test
    void junitCompares() {
        assertEquals(1, 2);
    }
}
