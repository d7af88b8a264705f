enum Coin {
    QUARTER(25),
    DIME(10),
    NICKEL(5),
    CENT(1);

    final int cents;

    Coin(int cents) {
        this.cents = cents;
    }
}
