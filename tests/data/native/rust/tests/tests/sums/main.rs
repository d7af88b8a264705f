mod large;

#[test]
fn of_three() {
    assert_eq!(chunks::sum::sum(&[1, 2, 3]), 6);
}
