mod common;

#[test]
fn in_pairs() {
    let said = std::fs::read_to_string("tests/data/numbers.txt").unwrap();
    assert_eq!(chunks::chunks(&common::numbers(&said)), [vec![1, 2], vec![3]]);
}

#[test]
#[ignore]
fn later() {
    panic!("not yet");
}
