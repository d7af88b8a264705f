import java.util.ArrayList;
import java.util.List;

class CoinJar {
    int worth(List<Coin> coins) {
        return coins.stream().mapToInt(coin -> coin.cents).sum();
    }

    List<Coin> pay(int amount) {
        if (amount < 0) {
            throw new IllegalArgumentException("nobody can pay that");
        }
        List<Coin> coins = new ArrayList<>();
        for (Coin coin : Coin.values()) {
            for (; amount >= coin.cents; amount -= coin.cents) {
                coins.add(coin);
            }
        }
        return coins;
    }
}
