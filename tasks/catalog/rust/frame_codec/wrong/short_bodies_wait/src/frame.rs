//! Frames, and how they are written.

use crate::varint::{put_varint, take_varint, unzigzag, zigzag};
use crate::Fault;

/// The first byte of each frame.
pub const START: u8 = 0xF5;

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Count(u64),
    Number(i64),
    Blob(Vec<u8>),
    Series(Vec<i64>),
}

/// Fields with their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    pub fields: Vec<(u32, Value)>,
}

/// Returns the bytes of a frame.
pub fn encode(frame: &Frame) -> Vec<u8> {
    let mut body = Vec::new();
    for (number, value) in &frame.fields {
        put_field(&mut body, *number, value);
    }
    let mut bytes = vec![START];
    put_varint(&mut bytes, body.len() as u64);
    bytes.append(&mut body);
    let sum = checksum(&bytes[1..]);
    bytes.extend(sum.to_be_bytes());
    bytes
}

fn put_field(body: &mut Vec<u8>, number: u32, value: &Value) {
    let kind = match value {
        Value::Count(_) => 0,
        Value::Number(_) => 1,
        Value::Blob(_) => 2,
        Value::Series(_) => 3,
    };
    put_varint(body, u64::from(number) * 4 + kind);
    match value {
        Value::Count(count) => put_varint(body, *count),
        Value::Number(number) => put_varint(body, zigzag(*number)),
        Value::Blob(bytes) => {
            put_varint(body, bytes.len() as u64);
            body.extend(bytes);
        }
        Value::Series(elements) => {
            put_varint(body, elements.len() as u64);
            let mut last = 0_i64;
            for element in elements {
                put_varint(body, zigzag(element.wrapping_sub(last)));
                last = *element;
            }
        }
    }
}

/// Returns the checksum of bytes.
pub fn checksum(bytes: &[u8]) -> u16 {
    let (mut a, mut b) = (1_u16, 0_u16);
    for byte in bytes {
        a = (a + u16::from(*byte)) % 255;
        b = (b + a) % 255;
    }
    b * 256 + a
}

/// Returns the frame whose body this is.
pub fn decode_body(body: &[u8]) -> Result<Frame, Fault> {
    let mut rest = Rest(body);
    let mut fields = Vec::new();
    while !rest.0.is_empty() {
        let key = rest.varint()?;
        let number = u32::try_from(key / 4).map_err(|_| Fault::Bad)?;
        fields.push((number, rest.value(key % 4)?));
    }
    Ok(Frame { fields })
}

/// What was not read of a body.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn varint(&mut self) -> Result<u64, Fault> {
        let (value, length) = take_varint(self.0)?;
        self.0 = &self.0[length..];
        Ok(value)
    }

    /// Reads how many of something follow, each of one byte at least.
    fn length(&mut self) -> Result<usize, Fault> {
        let length = usize::try_from(self.varint()?).map_err(|_| Fault::Bad)?;
        if length > self.0.len() {
            return Err(Fault::Bad);
        }
        Ok(length)
    }

    fn value(&mut self, kind: u64) -> Result<Value, Fault> {
        match kind {
            0 => Ok(Value::Count(self.varint()?)),
            1 => Ok(Value::Number(unzigzag(self.varint()?))),
            2 => self.blob(),
            _ => self.series(),
        }
    }

    fn blob(&mut self) -> Result<Value, Fault> {
        let length = self.length()?;
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        Ok(Value::Blob(bytes.to_vec()))
    }

    fn series(&mut self) -> Result<Value, Fault> {
        let length = self.length()?;
        let mut elements = Vec::with_capacity(length);
        let mut last = 0_i64;
        for _ in 0..length {
            last = last.wrapping_add(unzigzag(self.varint()?));
            elements.push(last);
        }
        Ok(Value::Series(elements))
    }
}
