pub fn numbers(said: &str) -> Vec<u8> {
    said.split_whitespace().map(|each| each.parse().unwrap()).collect()
}
