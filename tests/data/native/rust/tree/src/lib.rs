pub mod sum;
pub fn chunks(_: &[u8]) -> Vec<Vec<u8>> { todo!() }
