pub mod sum;
pub fn chunks(all: &[u8]) -> Vec<Vec<u8>> {
    all.chunks(2).map(<[u8]>::to_vec).collect()
}
