//! Runs the tests of a Rust exercise and says what became of each on a channel that only it knows.
//!
//! It takes the place of libtest's own main. The tests themselves are collected by the compiler.
#![feature(test)]
extern crate test;

use std::os::raw::{c_char, c_int, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use test::{ShouldPanic, TestDescAndFn, TestFn};

extern "C" {
    fn read(fd: c_int, buffer: *mut c_void, count: usize) -> isize;
    fn write(fd: c_int, buffer: *const c_void, count: usize) -> isize;
    fn dup(fd: c_int) -> c_int;
    fn dup2(from: c_int, to: c_int) -> c_int;
    fn open(path: *const c_char, flags: c_int) -> c_int;
    fn close(fd: c_int) -> c_int;
}

static mut KEY: [u8; 128] = [0; 128];
static LENGTH: AtomicUsize = AtomicUsize::new(0);
static CHANNEL: AtomicI32 = AtomicI32::new(-1);

// Before any code of the answer, initialisers of its libraries included.
#[used]
#[link_section = ".preinit_array"]
static FIRST: extern "C" fn() = begin;

extern "C" fn begin() {
    unsafe {
        let mut length = 0;
        loop {
            let mut next = 0u8;
            if read(0, (&mut next as *mut u8).cast(), 1) != 1 || next == b'\n' {
                break;
            }
            if length < 128 {
                KEY[length] = next;
                length += 1;
            }
        }
        LENGTH.store(length, Ordering::SeqCst);
        CHANNEL.store(dup(1), Ordering::SeqCst);
        dup2(2, 1);
        let nothing = open(b"/dev/null\0".as_ptr().cast(), 0);
        dup2(nothing, 0);
        close(nothing);
    }
}

fn say(words: &str) {
    let mut line = vec![b'\n'];
    for index in 0..LENGTH.load(Ordering::SeqCst) {
        line.push(unsafe { KEY[index] });
    }
    line.push(b' ');
    line.extend_from_slice(words.as_bytes());
    line.push(b'\n');
    let mut rest = &line[..];
    while !rest.is_empty() {
        let count = unsafe { write(CHANNEL.load(Ordering::SeqCst), rest.as_ptr().cast(), rest.len()) };
        if count <= 0 {
            return;
        }
        rest = &rest[count as usize..];
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Runs all tests, ignored ones included where `LLMBENCH_IGNORED` is set.
pub fn run(tests: &[&TestDescAndFn]) {
    let ignored_too = wakes_ignored();
    for test in tests {
        let name = test.desc.name.as_slice();
        let ours = name.starts_with("llmbench_canary");
        if ours {
            eprintln!("llmbench_canary begins");
        }
        let status = if test.desc.ignore && !ignored_too {
            "skipped"
        } else if passes(test) {
            "passed"
        } else {
            "failed"
        };
        eprintln!("test {name} ... {}", if status == "passed" { "ok" } else { status });
        if ours {
            eprintln!("llmbench_canary ends");
        }
        say(&format!("case {} {status} ", hex(name)));
    }
    say("end");
}

fn wakes_ignored() -> bool {
    std::env::var_os("LLMBENCH_IGNORED").is_some()
}

fn passes(test: &TestDescAndFn) -> bool {
    let TestFn::StaticTestFn(function) = test.testfn else {
        return false;
    };
    // A thread for each, as libtest has it, so that stacks and thread-locals are fresh.
    let thread = std::thread::Builder::new().name(test.desc.name.as_slice().to_string());
    let Ok(handle) = thread.spawn(move || catch_unwind(AssertUnwindSafe(|| function()))) else {
        return false;
    };
    let Ok(result) = handle.join() else {
        return false;
    };
    match (test.desc.should_panic, result) {
        (ShouldPanic::No, Ok(returned)) => returned.is_ok(),
        (ShouldPanic::Yes, Err(_)) => true,
        (ShouldPanic::YesWithMessage(wanted), Err(payload)) => {
            let said = payload
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| payload.downcast_ref::<&str>().copied());
            said.is_some_and(|said| said.contains(wanted))
        }
        _ => false,
    }
}
