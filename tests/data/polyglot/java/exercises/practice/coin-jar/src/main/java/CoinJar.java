import java.util.List;

class CoinJar {
    int worth(List<Coin> coins) {
        throw new UnsupportedOperationException("Please implement CoinJar.worth()");
    }

    List<Coin> pay(int amount) {
        throw new UnsupportedOperationException("Please implement CoinJar.pay()");
    }
}
