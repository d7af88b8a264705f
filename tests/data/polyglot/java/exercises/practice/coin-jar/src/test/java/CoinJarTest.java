import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

public class CoinJarTest {
    private CoinJar jar;

    @BeforeEach
    public void fill() {
        jar = new CoinJar();
    }

    @Test
    public void anEmptyJarIsWorthNothing() {
        assertThat(jar.worth(List.of())).isEqualTo(0);
    }

    @Disabled("Remove to run (this one) test")
    @Test
    public void oneOfEach() {
        assertThat(jar.worth(List.of(Coin.CENT, Coin.NICKEL, Coin.DIME, Coin.QUARTER))).isEqualTo(41);
    }

    @Disabled
    @Test
    public void asFewCoinsAsPossible() {
        assertThat(jar.pay(41)).containsExactly(Coin.QUARTER, Coin.DIME, Coin.NICKEL, Coin.CENT);
    }

    @Disabled("Remove to run test")
    @Test
    public void lessThanNothing() {
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> jar.pay(-1));
    }
}
