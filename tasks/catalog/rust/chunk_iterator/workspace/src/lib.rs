//! Groups the items of an iterator into chunks of limited weight and length.

/// Adds [`ChunkExt::chunks_by_weight`] to every iterator.
pub trait ChunkExt: Iterator + Sized {
    /// Groups items into chunks.
    fn chunks_by_weight<F>(self, limit: u64, max_len: usize, weight: F) -> Chunks<Self, F>
    where
        F: FnMut(&Self::Item) -> u64,
    {
        let _ = (limit, max_len, weight);
        todo!()
    }
}

impl<I: Iterator> ChunkExt for I {}

/// An iterator over chunks.
pub struct Chunks<I: Iterator, F> {
    source: I,
    weight: F,
}

impl<I: Iterator, F> Chunks<I, F> {
    /// Returns what is in no chunk so far.
    pub fn into_rest(self) -> Rest<I> {
        todo!()
    }
}

impl<I: Iterator, F: FnMut(&I::Item) -> u64> Iterator for Chunks<I, F> {
    type Item = Vec<I::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        let _ = (&mut self.source, &mut self.weight);
        todo!()
    }
}

/// An iterator over the items that are left.
pub struct Rest<I: Iterator> {
    source: I,
}

impl<I: Iterator> Iterator for Rest<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<Self::Item> {
        let _ = &mut self.source;
        todo!()
    }
}
