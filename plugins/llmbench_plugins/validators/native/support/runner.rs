//! Runs the tests of a Rust exercise and says what became of each on a channel that only it knows.
//!
//! It takes the place of libtest's own main. The tests themselves are collected by the compiler.
#![feature(test)]
extern crate test;

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use test::{ShouldPanic, TestDescAndFn, TestFn};

static mut KEY: [u8; 128] = [0; 128];
static LENGTH: AtomicUsize = AtomicUsize::new(0);
static CHANNEL: AtomicI32 = AtomicI32::new(-1);

// Before any code of the answer, initialisers of its libraries included.
#[used]
#[link_section = ".preinit_array"]
static FIRST: extern "C" fn() = begin;

/// Asks the kernel itself, as functions of libraries may be the answer's own.
#[cfg(target_arch = "x86_64")]
unsafe fn ask(number: usize, first: usize, second: usize, third: usize) -> isize {
    let result: isize;
    std::arch::asm!("syscall", inlateout("rax") number as isize => result, in("rdi") first, in("rsi") second,
        in("rdx") third, lateout("rcx") _, lateout("r11") _, options(nostack));
    result
}

#[cfg(target_arch = "aarch64")]
unsafe fn ask(number: usize, first: usize, second: usize, third: usize) -> isize {
    let result: isize;
    std::arch::asm!("svc 0", in("x8") number, inlateout("x0") first as isize => result, in("x1") second,
        in("x2") third, options(nostack));
    result
}

#[cfg(target_arch = "x86_64")]
mod number {
    pub const READ: usize = 0;
    pub const WRITE: usize = 1;
    pub const CLOSE: usize = 3;
    pub const FCNTL: usize = 72;
    pub const OPENAT: usize = 257;
    pub const DUP3: usize = 292;
}

#[cfg(target_arch = "aarch64")]
mod number {
    pub const DUP3: usize = 24;
    pub const FCNTL: usize = 25;
    pub const OPENAT: usize = 56;
    pub const CLOSE: usize = 57;
    pub const READ: usize = 63;
    pub const WRITE: usize = 64;
}

const HERE: usize = -100isize as usize;
const DUPFD_CLOEXEC: usize = 1030;
const INTERRUPTED: isize = -4;

extern "C" fn begin() {
    unsafe {
        let mut length = 0;
        loop {
            let mut next = 0u8;
            if ask(number::READ, 0, &mut next as *mut u8 as usize, 1) != 1 || next == b'\n' {
                break;
            }
            if length < 128 {
                KEY[length] = next;
                length += 1;
            }
        }
        LENGTH.store(length, Ordering::SeqCst);
        CHANNEL.store(ask(number::FCNTL, 1, DUPFD_CLOEXEC, 100) as i32, Ordering::SeqCst);
        ask(number::DUP3, 2, 1, 0);
        let nothing = ask(number::OPENAT, HERE, b"/dev/null\0".as_ptr() as usize, 0);
        ask(number::DUP3, nothing as usize, 0, 0);
        ask(number::CLOSE, nothing as usize, 0, 0);
    }
}

/// A line of the report, made without the heap, and written at once: nobody's words come between its own.
struct Line {
    text: [u8; 4096],
    length: usize,
}

impl Line {
    fn new() -> Line {
        let mut line = Line { text: [0; 4096], length: 0 };
        line.byte(b'\n');
        for index in 0..LENGTH.load(Ordering::SeqCst) {
            line.byte(unsafe { KEY[index] });
        }
        line
    }

    fn byte(&mut self, byte: u8) {
        if self.length < self.text.len() {
            self.text[self.length] = byte;
            self.length += 1;
        }
    }

    fn word(mut self, word: &str) -> Line {
        word.bytes().for_each(|byte| self.byte(byte));
        self
    }

    fn hex(mut self, text: &str) -> Line {
        for byte in text.bytes().take(1800) {
            self.byte(b"0123456789abcdef"[usize::from(byte >> 4)]);
            self.byte(b"0123456789abcdef"[usize::from(byte & 15)]);
        }
        self
    }

    fn say(mut self) {
        self.byte(b'\n');
        let mut written = 0;
        while written < self.length {
            let (at, count) = (self.text.as_ptr() as usize + written, self.length - written);
            match unsafe { ask(number::WRITE, CHANNEL.load(Ordering::SeqCst) as usize, at, count) } {
                INTERRUPTED => continue,
                count if count <= 0 => return,
                count => written += count as usize,
            }
        }
    }
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
        Line::new().word(" case ").hex(name).word(" ").word(status).word(" ").say();
    }
    Line::new().word(" end").say();
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
