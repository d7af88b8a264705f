//! Groups the items of an iterator into chunks of limited weight and length.

/// Adds [`ChunkExt::chunks_by_weight`] to every iterator.
pub trait ChunkExt: Iterator + Sized {
    /// Groups items into chunks.
    ///
    /// # Panics
    ///
    /// If `max_len` is 0.
    fn chunks_by_weight<F>(self, limit: u64, max_len: usize, weight: F) -> Chunks<Self, F>
    where
        F: FnMut(&Self::Item) -> u64,
    {
        assert!(max_len > 0, "max_len must be at least 1");
        Chunks {
            source: Some(self),
            held: None,
            limit,
            max_len,
            weight,
        }
    }
}

impl<I: Iterator> ChunkExt for I {}

/// An iterator over chunks.
pub struct Chunks<I: Iterator, F> {
    /// None once it has ended.
    source: Option<I>,
    /// An item that was read and did not join, with its weight.
    held: Option<(I::Item, u64)>,
    limit: u64,
    max_len: usize,
    weight: F,
}

impl<I: Iterator, F> Chunks<I, F> {
    /// Returns what is in no chunk so far.
    pub fn into_rest(self) -> Rest<I> {
        Rest {
            held: self.held.map(|(item, _)| item),
            source: self.source,
        }
    }
}

impl<I: Iterator, F: FnMut(&I::Item) -> u64> Chunks<I, F> {
    fn read(&mut self) -> Option<(I::Item, u64)> {
        let Some(item) = self.source.as_mut()?.next() else {
            self.source = None;
            return None;
        };
        let weight = (self.weight)(&item);
        Some((item, weight))
    }
}

impl<I: Iterator, F: FnMut(&I::Item) -> u64> Iterator for Chunks<I, F> {
    type Item = Vec<I::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        let (first, weight) = match self.held.take() {
            Some(held) => held,
            None => self.read()?,
        };
        let mut chunk = vec![first];
        if weight > self.limit {
            self.held = self.read();
            return Some(chunk);
        }
        let (mut sum, mut counted) = (weight, usize::from(weight > 0));
        while let Some((item, weight)) = self.read() {
            let joins = weight == 0 || (weight <= self.limit - sum && counted < self.max_len);
            if !joins {
                self.held = Some((item, weight));
                break;
            }
            sum += weight;
            counted += usize::from(weight > 0);
            chunk.push(item);
        }
        Some(chunk)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        hint(self.held.is_some(), self.source.as_ref(), |low| low.min(1))
    }
}

/// An iterator over the items that are left.
pub struct Rest<I: Iterator> {
    held: Option<I::Item>,
    source: Option<I>,
}

impl<I: Iterator> Iterator for Rest<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(item) = self.held.take() {
            return Some(item);
        }
        let item = self.source.as_mut()?.next();
        if item.is_none() {
            self.source = None;
        }
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        hint(self.held.is_some(), self.source.as_ref(), |low| low)
    }
}

fn hint<I: Iterator>(
    held: bool,
    source: Option<&I>,
    lowered: impl Fn(usize) -> usize,
) -> (usize, Option<usize>) {
    let (low, high) = source.map_or((0, Some(0)), Iterator::size_hint);
    let held = usize::from(held);
    let high = high.and_then(|high| high.checked_add(held));
    (lowered(low.saturating_add(held)), high)
}
