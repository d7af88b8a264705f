enum Coin {
    CENT
}
