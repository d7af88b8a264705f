#[test]
#[should_panic(expected = "too many")]
fn of_too_many() {
    chunks::sum::sum(&[1; 300]);
}
