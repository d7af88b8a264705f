"""Tasks that are no exercises of Exercism: two files of tests and of a solution each, helpers, data."""

from dataclasses import dataclass
from textwrap import dedent

from llmbench_plugins.validators.native import Suite


def files(**texts: str) -> dict[str, bytes]:
    """Return files by their paths, in which ``__`` stands for a slash, ``_dot_`` for a dot."""
    return {
        path.replace("__", "/").replace("_dot_", "."): dedent(text).lstrip("\n").encode()
        for path, text in texts.items()
    }


@dataclass(frozen=True)
class Example:
    """A suite, and an answer that is wrong in one test."""

    suite: Suite
    wrong: dict[str, bytes]
    passed: int
    """How many tests the reference passes."""
    failed: str
    """What the reason on the wrong answer says."""


PYTHON = Example(
    suite=Suite(
        task_id="python/plan",
        language="python",
        tree=files(
            plan__clock_dot_py="def minutes(text):\n    raise NotImplementedError\n",
            plan__order_dot_py="def order(jobs):\n    raise NotImplementedError\n",
            plan____init___dot_py="",
        ),
        tests=files(
            tests__test_order_dot_py="""
                import os, unittest
                from helpers import jobs
                from plan.order import order

                class Order(unittest.TestCase):
                    def test_what_is_needed_comes_first(self):
                        with open(os.path.join(os.path.dirname(__file__), "jobs.txt")) as file:
                            self.assertEqual(order(jobs(file)), ["b", "a"])

                    def test_a_circle_is_refused(self):
                        with self.assertRaisesRegex(ValueError, "a"):
                            order({"a": ["a"]})
                """,
            tests__test_clock_dot_py="""
                from plan import clock

                def test_hours_count():
                    assert clock.minutes("1:30") == 90

                class TestMinutes:
                    def test_none(self):
                        assert clock.minutes("0:00") == 0
                """,
        ),
        support=files(
            tests__helpers_dot_py="""
                def jobs(lines):
                    return {line.split(":")[0]: line.split(":")[1].split() for line in lines}
                """,
            tests__jobs_dot_txt="a: b\nb:\n",
        ),
        reference=files(
            plan__clock_dot_py="""
                def minutes(text):
                    hours, rest = text.split(":")
                    return 60 * int(hours) + int(rest)
                """,
            plan__order_dot_py="""
                from plan import clock

                def order(jobs):
                    done = []
                    while len(done) < len(jobs):
                        ready = [job for job in jobs if job not in done and set(jobs[job]) <= set(done)]
                        if not ready:
                            raise ValueError(f"a circle of {', '.join(jobs)}")
                        done += ready
                    return done
                """,
        ),
    ),
    wrong=files(plan__clock_dot_py="def minutes(text):\n    return int(text[0]) + int(text[2:])\n"),
    passed=4,
    failed="test_clock.test_hours_count: AssertionError",
)

JAVASCRIPT = Example(
    suite=Suite(
        task_id="javascript/pool",
        language="javascript",
        tree=files(
            src__pool_dot_mjs="export class Pool {}\n",
            src__limits_dot_mjs="export const LIMIT = 0;\n",
            src__old_dot_cjs="exports.twice = (n) => n;\n",
        ),
        tests=files(
            test__pool_dot_test_dot_mjs="""
                import test, { describe, it, before } from 'node:test';
                import assert from 'node:assert/strict';
                import { readFileSync } from 'node:fs';
                import { Pool } from '../src/pool.mjs';

                const tasks = JSON.parse(readFileSync(new URL('./tasks.json', import.meta.url), 'utf8'));
                let pool;
                before(() => { pool = new Pool(2); });
                describe('a pool', () => {
                  it('keeps order', async () => {
                    assert.deepStrictEqual(await pool.run(tasks.map((n) => async () => 2 * n)), [2, 4, 6]);
                  });
                  it('passes errors on', { timeout: 1000 }, async () => {
                    await assert.rejects(pool.run([async () => { throw new RangeError('no'); }]), RangeError);
                  });
                });
                test('is described', async (t) => {
                  await t.test('in itself', () => assert.deepEqual(pool.describe(), { limit: 2, of: [1, { a: 'b' }] }));
                });
                test('is not there yet', { skip: true }, () => assert.fail());
                """,
            test__limits_dot_spec_dot_cjs="""
                const { LIMIT, atMost } = require('../src/limits.mjs');
                const { twice } = require('../src/old.cjs');
                const { three } = require('./helper.cjs');

                test('the limit', () => expect(LIMIT).toBe(4));
                test('less than that', () => expect(atMost(three)).toEqual([0, 1, 2]));
                test('twice', () => expect(twice(three)).toBe(6));
                """,
        ),
        support=files(test__tasks_dot_json="[1, 2, 3]\n", test__helper_dot_cjs="exports.three = 3;\n"),
        reference=files(
            src__pool_dot_mjs="""
                import { atMost } from './limits.mjs';

                export const SIZE = 4;
                export class Pool {
                  constructor(limit) { this.limit = limit; }
                  async run(tasks) {
                    const done = [];
                    const left = tasks.entries();
                    const work = async () => { for (const [n, task] of left) done[n] = await task(); };
                    await Promise.all(atMost(this.limit).map(work));
                    return done;
                  }
                  describe() { return { limit: this.limit, of: [1, { a: 'b' }] }; }
                }
                """,
            # In a circle with the other.
            src__limits_dot_mjs="""
                import { SIZE } from './pool.mjs';

                export const LIMIT = 4;
                export const atMost = (n) => [...Array(Math.min(n, SIZE)).keys()];
                """,
            src__old_dot_cjs="exports.twice = (n) => 2 * n;\n",
        ),
    ),
    wrong=files(
        src__limits_dot_mjs="export const LIMIT = 5;\nexport const atMost = (n) => [...Array(n).keys()];\n"
    ),
    passed=6,
    failed="the limit: expect(received).toBe(expected)",
)

GO = Example(
    suite=Suite(
        task_id="go/bucket",
        language="go",
        tree=files(
            go_dot_mod="module example.org/bucket\n\ngo 1.20\n",
            bucket_dot_go="package bucket\n\nfunc Take(n int) bool { return false }\n",
            internal__clock__clock_dot_go="package clock\n\nfunc Ticks() int { return 0 }\n",
        ),
        tests=files(
            bucket_test_dot_go="""
                package bucket_test

                import (
                	"os"
                	"strings"
                	"testing"

                	"example.org/bucket"
                )

                func TestTake(t *testing.T) {
                	said, err := os.ReadFile("testdata/takes.txt")
                	if err != nil {
                		t.Fatal(err)
                	}
                	if got := bucket.Take(len(strings.Fields(string(said)))); !got {
                		t.Errorf("Take(2) = %v", got)
                	}
                }

                func TestTooMany(t *testing.T) {
                	if bucket.Take(9) {
                		t.Error("nine were there")
                	}
                }
                """,
            internal__clock__clock_test_dot_go="""
                package clock

                import "testing"

                func TestTicks(t *testing.T) {
                	t.Run("one", func(t *testing.T) { equals(t, Ticks(), 3) })
                }
                """,
        ),
        support=files(
            testdata__takes_dot_txt="one two\n",
            internal__clock__helper_test_dot_go="""
                package clock

                import "testing"

                func equals(t *testing.T, got, want int) {
                	if got != want {
                		t.Errorf("got %d ticks, want %d", got, want)
                	}
                }
                """,
        ),
        reference=files(
            bucket_dot_go="""
                package bucket

                import "example.org/bucket/internal/clock"

                func Take(n int) bool { return n <= clock.Ticks() }
                """,
            internal__clock__clock_dot_go="package clock\n\nfunc Ticks() int { return three }\n",
            internal__clock__three_dot_go="package clock\n\nconst three = 3\n",
        ),
    ),
    wrong=files(
        bucket_dot_go="package bucket\n\nfunc Take(n int) bool { return n < 3 }\n",
        internal__clock__clock_dot_go="package clock\n\nfunc Ticks() int { return 4 }\n",
        # Its own tests are nobody's concern, even under the names of others.
        own_test_dot_go='package bucket\n\nimport "testing"\n\nfunc TestTake(t *testing.T) { t.Fatal() }\n',
    ),
    passed=3,
    failed="internal/clock/TestTicks",
)

RUST = Example(
    suite=Suite(
        task_id="rust/chunks",
        language="rust",
        tree=files(
            Cargo_dot_toml='[package]\nname = "chunks"\nversion = "0.1.0"\nedition = "2021"\n',
            src__lib_dot_rs="pub mod sum;\npub fn chunks(_: &[u8]) -> Vec<Vec<u8>> { todo!() }\n",
            src__sum_dot_rs="pub fn sum(_: &[u8]) -> u32 { todo!() }\n",
        ),
        tests=files(
            tests__chunks_dot_rs="""
                mod common;

                #[test]
                fn in_pairs() {
                    let said = std::fs::read_to_string("tests/data/numbers.txt").unwrap();
                    assert_eq!(chunks::chunks(&common::numbers(&said)), [vec![1, 2], vec![3]]);
                }

                #[test]
                #[ignore]
                fn later() {
                    panic!("not yet");
                }
                """,
            tests__sums__main_dot_rs="""
                mod large;

                #[test]
                fn of_three() {
                    assert_eq!(chunks::sum::sum(&[1, 2, 3]), 6);
                }
                """,
        ),
        support=files(
            tests__common__mod_dot_rs="""
                pub fn numbers(said: &str) -> Vec<u8> {
                    said.split_whitespace().map(|each| each.parse().unwrap()).collect()
                }
                """,
            tests__sums__large_dot_rs="""
                #[test]
                #[should_panic(expected = "too many")]
                fn of_too_many() {
                    chunks::sum::sum(&[1; 300]);
                }
                """,
            tests__data__numbers_dot_txt="1 2 3\n",
        ),
        reference=files(
            src__lib_dot_rs="""
                pub mod sum;
                pub fn chunks(all: &[u8]) -> Vec<Vec<u8>> {
                    all.chunks(2).map(<[u8]>::to_vec).collect()
                }
                """,
            src__sum_dot_rs="""
                pub fn sum(all: &[u8]) -> u32 {
                    assert!(all.len() < 256, "too many");
                    all.iter().map(|&each| u32::from(each)).sum()
                }
                """,
        ),
    ),
    wrong=files(
        src__lib_dot_rs="pub mod sum;\npub fn chunks(all: &[u8]) -> Vec<Vec<u8>> { vec![all.to_vec()] }\n",
        src__sum_dot_rs='pub fn sum(all: &[u8]) -> u32 { if all.len() > 9 { panic!("too many") } 6 }\n',
    ),
    passed=3,
    failed="chunks::in_pairs",
)

CPP = Example(
    suite=Suite(
        task_id="cpp/pool",
        language="cpp",
        tree=files(
            include__pool_dot_hpp="#pragma once\nint together(int, int);\nnamespace sum { int up_to(int); }\n",
            src__pool_dot_cpp='#include "include/pool.hpp"\nint together(int, int) { return 0; }\n',
            src__sum__pool_dot_cpp='#include "include/pool.hpp"\nint sum::up_to(int) { return 0; }\n',
        ),
        tests=files(
            tests__pool_test_dot_cpp="""
                #define CATCH_CONFIG_MAIN
                #include <catch2/catch.hpp>
                #include "../include/pool.hpp"
                #include "helper.hpp"

                TEST_CASE("two numbers") {
                    REQUIRE(together(1, 2) == three());
                    SECTION("the other way round") { REQUIRE(together(2, 1) == three()); }
                }
                """,
            tests__sum_test_dot_cpp="""
                #include <catch2/catch.hpp>
                #include <fstream>
                #include "pool.hpp"

                TEST_CASE("a sum") {
                    int last = 0;
                    std::ifstream("tests/last.txt") >> last;
                    CHECK(sum::up_to(last) == 10);
                }
                """,
        ),
        support=files(
            tests__helper_dot_hpp="int three();\n",
            tests__helper_dot_cpp='#include "helper.hpp"\nint three() { return 3; }\n',
            tests__last_dot_txt="4\n",
        ),
        reference=files(
            src__pool_dot_cpp='#include "include/pool.hpp"\nint together(int a, int b) { return a + b; }\n',
            src__sum__pool_dot_cpp="""
                #include "include/pool.hpp"
                int sum::up_to(int n) { return n ? together(n, up_to(n - 1)) : 0; }
                """,
        ),
        flags=("-std=c++17", "-Wall", "-Werror", "-Iinclude"),
    ),
    wrong=files(
        src__pool_dot_cpp='#include "include/pool.hpp"\nint together(int a, int b) { return a + b; }\n',
        src__sum__pool_dot_cpp='#include "include/pool.hpp"\nint sum::up_to(int n) { return 2 * n; }\n',
    ),
    passed=2,
    failed="a sum",
)

JAVA = Example(
    suite=Suite(
        task_id="java/lru",
        language="java",
        tree=files(
            code__Lru_dot_java="package lru;\n\nclass Lru { Lru(int size) {} String get(String key) { return null; } }\n",
            code__Key_dot_java="package lru.keys;\n\npublic class Key { public static String of(String text) { return text; } }\n",
        ),
        tests=files(
            checks__LruTest_dot_java="""
                /* A licence: package wrong; */
                package lru;

                import static org.assertj.core.api.Assertions.assertThat;

                import java.nio.file.Files;
                import java.nio.file.Path;
                import org.junit.jupiter.api.Test;

                class LruTest {
                    @Test
                    void oldestGoes() throws Exception {
                        Lru lru = new Lru(1);
                        for (String line : Files.readAllLines(Path.of("checks/keys.txt"))) lru.put(line, line);
                        assertThat(lru.get("a")).isNull();
                        assertThat(lru.get("b")).isEqualTo(Helper.B);
                    }
                }
                """,
            checks__keys__KeyTest_dot_java="""
                package lru.keys;

                import static org.junit.jupiter.api.Assertions.assertEquals;

                import org.junit.jupiter.params.ParameterizedTest;
                import org.junit.jupiter.params.provider.ValueSource;

                public class KeyTest {
                    @ParameterizedTest
                    @ValueSource(strings = {"A", "b"})
                    void isLower(String text) { assertEquals(text.toLowerCase(), Key.of(text)); }
                }
                """,
        ),
        support=files(
            checks__keys_dot_txt="a\nb\n",
            checks__Helper_dot_java='package lru;\n\nclass Helper { static final String B = "b"; }\n',
        ),
        reference=files(
            code__Lru_dot_java="""
                package lru;

                import java.util.LinkedHashMap;
                import java.util.Map;
                import lru.keys.Key;

                class Lru {
                    private final LinkedHashMap<String, String> kept;

                    Lru(int size) {
                        kept = new LinkedHashMap<>() {
                            @Override protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
                                return size() > size;
                            }
                        };
                    }

                    void put(String key, String value) { kept.put(Key.of(key), value); }
                    String get(String key) { return kept.get(Key.of(key)); }
                }
                """,
            code__Key_dot_java="""
                package lru.keys;

                public class Key { public static String of(String text) { return text.toLowerCase(); } }
                """,
        ),
    ),
    wrong=files(
        code__Lru_dot_java="""
            package lru;

            import java.util.HashMap;

            class Lru extends HashMap<String, String> {
                Lru(int size) {}
                String get(String key) { return super.get(key); }
            }
            """
    ),
    passed=3,
    failed="expected: null",
)

EXAMPLES = {each.suite.language: each for each in (PYTHON, JAVASCRIPT, GO, RUST, CPP, JAVA)}
