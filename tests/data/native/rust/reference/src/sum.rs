pub fn sum(all: &[u8]) -> u32 {
    assert!(all.len() < 256, "too many");
    all.iter().map(|&each| u32::from(each)).sum()
}
