use framing::{
    checksum, decode_body, encode, put_varint, take_varint, unzigzag, zigzag, Event, Fault, Frame,
    Reader, Value,
};

fn frame(fields: &[(u32, Value)]) -> Frame {
    let fields = fields.to_vec();
    Frame { fields }
}

fn count(number: u64) -> Frame {
    frame(&[(1, Value::Count(number))])
}

fn varint(value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    put_varint(&mut out, value);
    out
}

/// Returns a frame around a body, with a right checksum.
fn around(body: &[u8]) -> Vec<u8> {
    let mut bytes = varint(body.len() as u64);
    bytes.extend(body);
    let sum = checksum(&bytes);
    bytes.insert(0, 0xF5);
    bytes.extend(sum.to_be_bytes());
    bytes
}

/// Returns all events of a stream that is fed in pieces of some size.
fn events(bytes: &[u8], piece: usize, max_body: usize) -> Vec<Event> {
    let mut reader = Reader::new(max_body);
    let mut events = Vec::new();
    for piece in bytes.chunks(piece) {
        reader.feed(piece);
        while let Some(event) = reader.next_event() {
            events.push(event);
        }
    }
    events.append(&mut reader.finish());
    events
}

/// Checks the events of a stream, whatever the pieces.
fn check(bytes: &[u8], wanted: &[Event]) {
    for piece in [bytes.len().max(1), 1, 2, 3, 7] {
        let found = events(bytes, piece, 100);
        assert_eq!(found, wanted, "of {bytes:02x?} in pieces of {piece}");
    }
}

#[test]
fn varints_are_written_and_read() {
    let steps: [(u64, &[u8]); 7] = [
        (0, &[0]),
        (127, &[127]),
        (128, &[128, 1]),
        (300, &[0xAC, 2]),
        (16_384, &[128, 128, 1]),
        (1 << 63, &[128, 128, 128, 128, 128, 128, 128, 128, 128, 1]),
        (u64::MAX, &[255, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
    ];
    for (value, bytes) in steps {
        assert_eq!(varint(value), bytes, "{value}");
        assert_eq!(take_varint(bytes), Ok((value, bytes.len())), "{value}");
        let more = [bytes, &[0, 255]].concat();
        assert_eq!(take_varint(&more), Ok((value, bytes.len())), "{value}");
        for end in 0..bytes.len() {
            assert_eq!(take_varint(&bytes[..end]), Err(Fault::Short), "{value}");
        }
    }
}

#[test]
fn varints_that_are_not_the_shortest_are_bad() {
    let wrong: [&[u8]; 4] = [&[128, 0], &[0xAC, 0x82, 0], &[255, 0, 1], &[128; 10]];
    for bytes in wrong {
        assert_eq!(take_varint(bytes), Err(Fault::Bad), "{bytes:02x?}");
    }
    let mut bytes = [128; 10];
    bytes[9] = 0;
    assert_eq!(take_varint(&bytes), Err(Fault::Bad), "a tenth byte of 0");
    assert_eq!(take_varint(&bytes[..9]), Err(Fault::Short));
}

#[test]
fn varints_greater_than_64_bits_are_bad() {
    for last in [2, 3, 127, 128, 129, 255] {
        let mut bytes = [255; 12];
        bytes[9] = last;
        for end in 10..=12 {
            assert_eq!(take_varint(&bytes[..end]), Err(Fault::Bad), "{last} {end}");
        }
    }
    let mut bytes = [128; 11];
    bytes[10] = 1;
    assert_eq!(take_varint(&bytes), Err(Fault::Bad), "eleven bytes");
}

#[test]
fn zigzag_maps_all_numbers() {
    let (least, most) = (i64::MIN, i64::MAX);
    let steps = [
        (0, 0),
        (-1, 1),
        (1, 2),
        (-2, 3),
        (2, 4),
        (-300, 599),
        (most, u64::MAX - 1),
    ];
    for (number, mapped) in steps
        .into_iter()
        .chain([(least, u64::MAX), (least + 1, u64::MAX - 2)])
    {
        assert_eq!(zigzag(number), mapped, "{number}");
        assert_eq!(unzigzag(mapped), number, "{mapped}");
    }
}

#[test]
fn checksums_are_sums_of_sums() {
    assert_eq!(checksum(&[]), 0x0001);
    assert_eq!(checksum(&[3, 4, 0xAC, 2]), 0x77B6);
    assert_eq!(checksum(&[254]), 0x0000, "a is 255 mod 255");
    assert_eq!(checksum(&[255]), 0x0101);
    assert_eq!(checksum(&[200, 200, 200]), 0xB75B);
    assert_eq!(checksum(&[255; 1000]), 0xEB01);
}

#[test]
fn frames_are_written_byte_by_byte_as_said() {
    let wanted = [0xF5, 3, 4, 0xAC, 2, 0x77, 0xB6];
    assert_eq!(encode(&count(300)), wanted);
    assert_eq!(encode(&frame(&[])), [0xF5, 0, 1, 1]);
    let all = frame(&[
        (2, Value::Number(-3)),
        (0, Value::Blob(vec![0xF5, 0])),
        (2, Value::Series(vec![5, 3, 3])),
        (u32::MAX, Value::Series(vec![])),
        (7, Value::Blob(vec![])),
    ]);
    let body = [
        9, 5, 2, 2, 0xF5, 0, 11, 3, 10, 3, 0, 255, 255, 255, 255, 63, 0, 30, 0,
    ];
    assert_eq!(encode(&all), around(&body));
    assert_eq!(decode_body(&body), Ok(all));
}

#[test]
fn long_bodies_have_long_lengths() {
    let long = frame(&[(1, Value::Blob(vec![7; 200]))]);
    let bytes = encode(&long);
    assert_eq!(bytes[..6], [0xF5, 203, 1, 6, 200, 1]);
    assert_eq!(bytes, around(&bytes[3..206]));
    assert_eq!(events(&bytes, 1, 203), [Event::Frame(long)]);
}

#[test]
fn series_wrap_round() {
    let (least, most) = (i64::MIN, i64::MAX);
    let elements = vec![least, most, least, 0, most, -1, least];
    let series = frame(&[(1, Value::Series(elements))]);
    let bytes = encode(&series);
    assert_eq!(
        bytes[4..14],
        [255, 255, 255, 255, 255, 255, 255, 255, 255, 1]
    );
    assert_eq!(bytes[14..16], [1, 2], "differences of -1 and 1");
    check(&bytes, &[Event::Frame(series)]);
}

#[test]
fn bodies_that_end_early_are_bad() {
    let bodies: [&[u8]; 4] = [
        &[4, 0xAC, 2],
        &[5, 0xAC, 2],
        &[6, 2, 1, 2],
        &[7, 3, 1, 2, 0xAC, 2],
    ];
    for body in bodies {
        assert!(decode_body(body).is_ok(), "{body:?}");
        for end in 1..body.len() {
            assert_eq!(decode_body(&body[..end]), Err(Fault::Bad), "{body:?}");
        }
    }
    assert_eq!(decode_body(&[132]), Err(Fault::Bad), "within a key");
    assert_eq!(decode_body(&[]), Ok(frame(&[])));
    let short = around(&[4, 0xAC]);
    check(
        &[&short[..], &[0]].concat(),
        &[Event::Skipped(short.len() + 1)],
    );
    let mut reader = Reader::new(100);
    reader.feed(&short);
    assert_eq!(
        (reader.next_event(), reader.kept()),
        (None, 0),
        "nothing is waited for"
    );
}

#[test]
fn bodies_that_are_not_right_are_bad() {
    let mut large = varint(u64::from(u32::MAX) * 4 + 4);
    large.push(0);
    assert_eq!(decode_body(&large), Err(Fault::Bad), "a number of 33 bits");
    let mut largest = varint(u64::from(u32::MAX) * 4);
    largest.push(9);
    let wanted = frame(&[(u32::MAX, Value::Count(9))]);
    assert_eq!(decode_body(&largest), Ok(wanted));
    let wrong: [&[u8]; 3] = [&[4, 128, 0], &[132, 0, 1], &[7, 129, 0, 1]];
    for body in wrong {
        assert_eq!(decode_body(body), Err(Fault::Bad), "{body:?}");
    }
}

#[test]
fn series_reserve_nothing_for_what_can_not_be_there() {
    for kind in [6, 7] {
        for length in [4, 1 << 61, u64::MAX] {
            let body = [vec![kind], varint(length), vec![1, 1, 1]].concat();
            assert_eq!(
                decode_body(&body),
                Err(Fault::Bad),
                "{length} of kind {kind}"
            );
        }
    }
}

#[test]
fn frames_are_found_among_other_bytes() {
    let (one, two) = (count(1), count(2));
    let stream = [
        &[1, 2][..],
        &encode(&one),
        &encode(&two),
        &[3],
        &encode(&one),
        &[4, 5],
    ]
    .concat();
    let wanted = [
        Event::Skipped(2),
        Event::Frame(one.clone()),
        Event::Frame(two),
        Event::Skipped(1),
        Event::Frame(one),
        Event::Skipped(2),
    ];
    check(&stream, &wanted);
    check(&[], &[]);
    check(&[9], &[Event::Skipped(1)]);
}

#[test]
fn frames_within_damaged_ones_are_found() {
    let inner = encode(&count(5));
    let mut stream = encode(&frame(&[(1, Value::Blob(inner.clone()))]));
    let last = stream.len() - 1;
    stream[last] ^= 1;
    let before = 4;
    let behind = stream.len() - before - inner.len();
    let wanted = [
        Event::Skipped(before),
        Event::Frame(count(5)),
        Event::Skipped(behind),
    ];
    check(&stream, &wanted);

    let stream = [&around(&[4, 128, 0])[..], &[0xF5], &inner].concat();
    let wanted = [Event::Skipped(8), Event::Frame(count(5))];
    check(&stream, &wanted);
    let stream = [&[0xF5, 0xF5, 0x80, 0, 0xF5][..], &[255; 9], &[2], &inner].concat();
    let wanted = [Event::Skipped(15), Event::Frame(count(5))];
    check(&stream, &wanted);
}

#[test]
fn a_changed_byte_is_noticed() {
    let right = encode(&frame(&[(1, Value::Count(300)), (2, Value::Number(-9))]));
    for index in 0..right.len() {
        let mut bytes = right.clone();
        bytes[index] ^= 2;
        let frames = events(&bytes, 4, 100)
            .iter()
            .any(|event| matches!(event, Event::Frame(_)));
        assert!(!frames, "a change of byte {index}");
    }
}

#[test]
fn bodies_up_to_the_limit_are_read() {
    let blob = frame(&[(1, Value::Blob(vec![7; 8]))]);
    let bytes = encode(&blob);
    assert_eq!(events(&bytes, 99, 10), [Event::Frame(blob)]);
    assert_eq!(events(&bytes, 99, 9), [Event::Skipped(bytes.len())]);
    assert_eq!(
        events(&encode(&frame(&[])), 1, 0),
        [Event::Frame(frame(&[]))]
    );
    let mut reader = Reader::new(9);
    reader.feed(&bytes[..2]);
    assert_eq!(
        (reader.next_event(), reader.kept()),
        (None, 0),
        "too long is not waited for"
    );
    let huge = [vec![0xF5], varint(u64::MAX), vec![1]].concat();
    assert_eq!(events(&huge, 99, usize::MAX), [Event::Skipped(12)]);
}

#[test]
fn skipped_bytes_are_told_once() {
    let bytes = encode(&count(3));
    let mut reader = Reader::new(100);
    reader.feed(&[1, 2, 3]);
    assert_eq!((reader.next_event(), reader.kept()), (None, 0));
    reader.feed(&[4, 0xF5]);
    assert_eq!((reader.next_event(), reader.kept()), (None, 1));
    reader.feed(&[2, 0]);
    assert_eq!((reader.next_event(), reader.kept()), (None, 3));
    reader.feed(&[1, 1, 1]);
    assert_eq!((reader.next_event(), reader.kept()), (None, 0));
    reader.feed(&bytes);
    assert_eq!(reader.next_event(), Some(Event::Skipped(10)));
    assert_eq!(reader.next_event(), Some(Event::Frame(count(3))));
    assert_eq!((reader.next_event(), reader.kept()), (None, 0));
    reader.feed(&bytes[..5]);
    assert_eq!((reader.next_event(), reader.kept()), (None, 5));
    reader.feed(&bytes[5..]);
    assert_eq!(reader.next_event(), Some(Event::Frame(count(3))));
    assert_eq!(reader.finish(), []);
}

#[test]
fn the_end_lets_the_search_go_on() {
    let inner = encode(&count(5));
    let stream = [&[0xF5, 60, 1][..], &inner, &[2], &inner, &[0xF5, 9]].concat();
    let wanted = [
        Event::Skipped(3),
        Event::Frame(count(5)),
        Event::Skipped(1),
        Event::Frame(count(5)),
        Event::Skipped(2),
    ];
    check(&stream, &wanted);
    check(
        &inner[..inner.len() - 1],
        &[Event::Skipped(inner.len() - 1)],
    );
    check(&[0xF5], &[Event::Skipped(1)]);
    check(&[0xF5, 200], &[Event::Skipped(2)]);
    let mut reader = Reader::new(100);
    reader.feed(&[&[8][..], &inner].concat());
    assert_eq!(reader.next_event(), Some(Event::Skipped(1)));
    assert_eq!(
        reader.finish(),
        [Event::Frame(count(5))],
        "a frame not told"
    );
}

#[test]
fn pieces_make_no_difference() {
    let mut stream = Vec::new();
    for step in 0..40_u64 {
        let blob = (0..step * 5).map(|number| (number * step) as u8).collect();
        let fields = [
            (step as u32, Value::Count(step << (step + 3))),
            (9, Value::Blob(blob)),
            (8, Value::Series(vec![-(step as i64), i64::MAX, 0])),
        ];
        let mut bytes = encode(&frame(&fields[..(step % 4) as usize]));
        if step % 5 == 0 {
            let index = step as usize % bytes.len();
            bytes[index] ^= 0xF5;
        }
        stream.append(&mut bytes);
        stream.extend(&[0xF5, 0x80, 7, 0xF5][..(step % 3) as usize]);
    }
    let whole = events(&stream, stream.len(), 400);
    let frames = whole
        .iter()
        .filter(|event| matches!(event, Event::Frame(_)));
    assert!(frames.count() >= 32, "frames are lost: {whole:?}");
    for piece in [1, 2, 5, 64, 255] {
        assert_eq!(events(&stream, piece, 400), whole, "in pieces of {piece}");
    }
}

#[test]
fn every_byte_is_skipped_or_in_a_frame() {
    let mut state = 1_u64;
    let mut chance = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let alphabet = [0xF5, 0xF5, 0, 0, 1, 1, 1, 2, 4, 7, 128, 255];
    let mut frames = 0;
    for round in 0..500 {
        let stream: Vec<u8> = (0..80).map(|_| alphabet[chance(12)]).collect();
        if let Ok(frame) = decode_body(&stream[..round % 8]) {
            assert_eq!(encode(&frame), around(&stream[..round % 8]));
        }
        let found = events(&stream, 1 + chance(80), 100);
        let lengths = found.iter().map(|event| match event {
            Event::Frame(frame) => encode(frame).len(),
            Event::Skipped(count) => *count,
        });
        assert_eq!(lengths.sum::<usize>(), 80, "{stream:02x?}: {found:?}");
        check(&stream, &found);
        let is_frame = |event: &&Event| matches!(event, Event::Frame(_));
        frames += found.iter().filter(is_frame).count();
    }
    assert!(frames > 50, "frames are lost: {frames}");
}
