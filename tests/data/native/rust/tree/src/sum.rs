pub fn sum(_: &[u8]) -> u32 { todo!() }
