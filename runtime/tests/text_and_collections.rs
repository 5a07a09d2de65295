//! Builtins over strings, arrays, dicts, sets, queues, stacks and the assertions, called without any engine.

mod notation;
use notation::eval;

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(eval(source), *expected, "{source}");
    }
}

#[test]
fn strings() {
    check(&[
        (r#"len("héllo")"#, "5"),
        (r#"count_chars("é")"#, "1"),
        (
            r#"[upper("straße"), lower("ÀB"), capitalize("hELLO"), capitalize("")]"#,
            "[STRASSE, àb, Hello, ]",
        ),
        (
            r#"[trim("  a b "), trim_start(" a "), trim_end(" a ")]"#,
            "[a b, a ,  a]",
        ),
        (
            r#"[str_reverse("añb"), repeat("ab", 3), repeat("x", 0), repeat("x", -1)]"#,
            "[bña, ababab, , ]",
        ),
        (
            r#"[contains("hay", "a"), contains("hay", "z"), index_of("hay", "z"), index_of("éa", "a")]"#,
            "[1, 0, -1, 1]",
        ),
        (
            r#"[replace("a-a", "a", "b"), replace("aaa", "aa", "b")]"#,
            "[b-b, ba]",
        ),
        (r#"substring("hello", 3, 99)"#, "lo"),
        (r#"substring("hello", 3, 1)"#, ""),
        (r#"substring("héllo", 1, 3)"#, "él"),
        (r#"substring("hello", -2, 2)"#, "he"),
        (
            r#"[char_at("ab", 1), char_at("ab", 9), char_at("ab", -1), char_at("né", 1)]"#,
            "[b, , , é]",
        ),
        (r#"split("a,b", ",")"#, "[a, b]"),
        (r#"len(split("abc", ""))"#, "5"),
        (r#"len(split("", ","))"#, "1"),
        (r#"split("a--b-c", "--")"#, "[a, b-c]"),
        (r#"join([1, null, "x"], "+")"#, "1+null+x"),
        (r#"join([], "+")"#, ""),
        (r#"join([1, 2.5, 3], ", ")"#, "1, 2.5, 3"),
        (
            r#"[starts_with("abc", "ab"), ends_with("abc", "ab"), is_empty(""), is_empty([0])]"#,
            "[true, false, true, false]",
        ),
        (
            r#"[pad_left("7", 3, "0"), pad_right("é", 3, "-+"), pad_start("long", 2, "0"), pad_left("a", 2, "")]"#,
            "[007, é--, long,  a]",
        ),
        (r#"[words("  a b  c "), words("")]"#, "[[a, b, c], []]"),
        ("lines(\"a\nb\r\n\nc\n\")", "[a, b, , c]"),
        (r#"upper(1)"#, "upper() requires a string argument"),
        (r#"upper()"#, "upper expects 1 arguments, got 0"),
        (r#"split(1, ",")"#, "split() requires two string arguments"),
        (
            r#"len(5)"#,
            "len() requires an array, dict, bytes, set, queue, stack, or string",
        ),
        (
            r#"join("a", ",")"#,
            "join() requires array and separator string arguments",
        ),
        (
            r#"contains(5, 5)"#,
            "contains() first argument must be a string, array, or dictionary",
        ),
        (
            r#"index_of(5, 5)"#,
            "index_of() first argument must be a string or array",
        ),
    ]);
}

#[test]
fn wording() {
    check(&[
        (r#"slugify("Hello, World_x  y")"#, "hello-world-x-y"),
        (r#"slugify(" --Ä b!-")"#, "ä-b"),
        (r#"truncate("hello world", 8, "...")"#, "hello..."),
        (r#"truncate("héllo", 5, "...")"#, "héllo"),
        (r#"truncate("hello", 2, "...")"#, ".."),
        (r#"to_camel_case("hello big_world")"#, "helloBigWorld"),
        (r#"to_snake_case("helloBigWorld")"#, "hello_big_world"),
        (r#"to_kebab_case("HTTPServer v2")"#, "http-server-v2"),
        (
            r#"format("%s %d %f %% %x", [1, "a"], 2.7, 1.0)"#,
            "[1, a] 2 1 % %x",
        ),
        (r#"format("%d%%%d%", true, -1)"#, "1%-1%"),
        (r#"format("%%s %s", 1)"#, "%s 1"),
        (
            r#"format("%s")"#,
            "format() missing argument for placeholder %s",
        ),
        (
            r#"format("%d", "x")"#,
            "format() requires a number for placeholder %d",
        ),
    ]);
}

#[test]
fn arrays() {
    check(&[
        ("push([1], 2)", "[1, 2]"),
        (r#"push([1], "a")"#, "[1, a]"),
        ("append(push([], 1.5), true)", "[1.5, true]"),
        (
            "push(1, 2)",
            "push() requires an array as the first argument",
        ),
        ("[pop([1, 2]), pop([])]", "[[[1], 2], [[], 0]]"),
        (
            "[insert([1, 3], 1, 2), insert([], 0, 5)]",
            "[[1, 2, 3], [5]]",
        ),
        (
            "insert([1], 5, 0)",
            "insert() index 5 out of bounds for array of length 1",
        ),
        (
            "insert([1], -1, 0)",
            "insert() index -1 out of bounds for array of length 1",
        ),
        (
            "[remove([1, 2, 1], 1), remove([1], 1.0), remove([[1]], [1])]",
            "[[2, 1], [1], []]",
        ),
        ("remove_at([5, 6], 0)", "[[6], 5]"),
        (
            "remove_at([5], 5)",
            "remove_at() index 5 out of bounds for array of length 1",
        ),
        (
            r#"[slice([1, 2, 3], 1, 3), slice([1, 2, 3], -2, 9), slice("héllo", 1, -1), slice([1, 2], 2, 1)]"#,
            "[[2, 3], [2, 3], éll, []]",
        ),
        (
            "slice(5, 0, 1)",
            "slice() requires array or bytes and numeric start/end arguments",
        ),
        (
            "[concat([1], [2.5]), concat([], [1]), concat([1], [])]",
            "[[1, 2.5], [1], [1]]",
        ),
        ("concat([1], 2)", "concat() requires two array arguments"),
        (r#"[clear([1]), clear({"a": 1})]"#, "[[], {}]"),
        ("[reverse([1, 2, 3]), reverse([])]", "[[3, 2, 1], []]"),
        (
            r#"unique([1, "1", 1, 1.0, [1], [1], [1.0], true, 1.0, null, null])"#,
            "[1, 1, 1, [1], [1], true, null]",
        ),
        (
            "[chunk([1, 2, 3], 2), chunk([1], 0), chunk([], 2)]",
            "[[[1, 2], [3]], [[1]], []]",
        ),
        (
            "[windows([1, 2, 3], 2), windows([1], 2), windows([1], 0)]",
            "[[[1, 2], [2, 3]], [], []]",
        ),
        (
            "[flatten([1, [2, [3]]]), flatten([1])]",
            "[[1, 2, [3]], [1]]",
        ),
        (
            r#"[zip([1, 2], ["a"]), enumerate(["x", "y"])]"#,
            "[[[1, a]], [[0, x], [1, y]]]",
        ),
        (
            "[take([1, 2], 1), take([1], 9), take([1], -1), skip([1, 2], 1), skip([1], -1), skip([1], 9)]",
            "[[1], [1], [], [2], [1], []]",
        ),
        (
            "[contains([1, 2], 2.0), index_of([1, 2], 2), index_of([0.5], 0.5), contains([1], 1)]",
            "[false, 1, 0, true]",
        ),
        ("collect([1])", "[1]"),
    ]);
}

#[test]
fn sorting() {
    check(&[
        (
            r#"[sort([3, 1, 2]), sort(["b", "B", "a"]), sort([]), sort([true, false])]"#,
            "[[1, 2, 3], [B, a, b], [], [false, true]]",
        ),
        ("sort([2, 1.5, -1, 0.5])", "[-1, 0.5, 1.5, 2]"),
        (r#"sort(["b", 2, null, "a", 1])"#, "[null, 1, 2, a, b]"),
        ("sort(5)", "sort requires an array argument"),
        (
            "sort([2, 1], 5)",
            "sort() requires a function as the second argument",
        ),
        ("sort([2, 1], len)", "len expects 1 arguments, got 2"),
    ]);
}

#[test]
fn higher_order() {
    check(&[
        (r#"map(["a", "b"], upper)"#, "[A, B]"),
        ("filter([[], [1], []], len)", "[[1]]"),
        ("reduce([[1], [2]], [], concat)", "[1, 2]"),
        (
            "[find([[], [7]], len), find([[]], len), any([[]], len), all([[1], [2]], len)]",
            "[[7], 0, false, true]",
        ),
        ("map(5, len)", "map expects an array and a function"),
        ("any([1], 5)", "any expects an array and a function"),
        (
            "reduce([1], len, 0)",
            "reduce expects an array, an initial value, and a function",
        ),
        (
            "map([1], len)",
            "len() requires an array, dict, bytes, set, queue, stack, or string",
        ),
    ]);
}

#[test]
fn dicts() {
    check(&[
        (r#"keys({"b": 1, "a": 2})"#, "[a, b]"),
        (r#"values({"10": 1, "9": "x"})"#, "[x, 1]"),
        (r#"items({"b": 1, "a": "x"})"#, "[[a, x], [b, 1]]"),
        ("[keys(5), values(null), items([])]", "[[], [], []]"),
        (
            r#"[has_key({"5": 1}, 5), has_key({}, "z"), has_key(1, 2)]"#,
            "[1, 0, 0]",
        ),
        (
            r#"[get({"a": 1}, "a"), get({}, "q"), get({}, "q", 0), get(5, "q", 7), get_default({}, 1, "d")]"#,
            "[1, null, 0, 7, d]",
        ),
        (
            r#"[merge({"b": 1, "a": 2}, {"b": 3}), update({}, {"x": 1})]"#,
            r#"[{"a": 2, "b": 3}, {"x": 1}]"#,
        ),
        ("merge({}, 1)", "merge() requires two dictionary arguments"),
        (r#"invert({"b": 1, "a": "x"})"#, r#"{"1": b, "x": a}"#),
        (
            r#"[remove({"b": 1, "a": "x"}, "a"), remove({}, "q")]"#,
            r#"[[{"b": 1}, x], [{}, 0]]"#,
        ),
        (r#"[contains({"k": 1}, "k"), len({"a": 1})]"#, "[true, 1]"),
    ]);
}

#[test]
fn sets_queues_stacks() {
    check(&[
        ("set_union(Set([1, 2]), set_add(Set(), 3))", "Set{1, 2, 3}"),
        ("Set([1, 1.0, 2.5, 2.5, true, true])", "Set{1, 2.5, true}"),
        (
            "[set_has(Set([1]), 1.0), set_has(Set([1.0]), 1), set_has(Set([1]), true)]",
            "[true, true, false]",
        ),
        (
            "[set_intersect(Set([1, 2, 3]), Set([3, 9])), set_difference(Set([1, 2]), Set([1]))]",
            "[Set{3}, Set{2}]",
        ),
        (
            "[set_to_array(Set([2, 1])), set_remove(Set([1, 2]), 1), len(Set([1, 1]))]",
            "[[2, 1], Set{2}, 1]",
        ),
        ("Set(5)", "Set constructor requires an array argument"),
        ("Queue(5)", "Queue constructor requires an array argument"),
        (
            "set_add(5, 1)",
            "set_add() requires a set as the first argument",
        ),
        (
            "[queue_dequeue(Queue([1, 2])), queue_dequeue(Queue())]",
            "[[Queue[2], 1], [Queue[], null]]",
        ),
        (
            "[queue_enqueue(Queue([1]), 2), queue_peek(Queue([7, 8])), queue_peek(Queue())]",
            "[Queue[1, 2], 7, null]",
        ),
        (
            "[queue_is_empty(Queue()), queue_size(Queue([1, 2])), queue_to_array(Queue([1, 2]))]",
            "[true, 2, [1, 2]]",
        ),
        (
            "[stack_pop(Stack([1, 2])), stack_pop(Stack()), stack_peek(Stack([7])), stack_push(Stack(), 1)]",
            "[[Stack[1], 2], [Stack[], null], 7, Stack[1]]",
        ),
        (
            "[stack_is_empty(Stack()), stack_size(Stack([1])), stack_to_array(Stack([1, 2]))]",
            "[true, 1, [1, 2]]",
        ),
        (
            "stack_pop(Queue())",
            "stack_pop() requires a stack as the first argument",
        ),
    ]);
}

#[test]
fn assertions() {
    check(&[
        ("assert(1)", "true"),
        ("assert(0)", "Assertion failed"),
        (r#"assert(false, "no way")"#, "no way"),
        ("assert_equal([1], [1.0])", "true"),
        (
            "assert_equal(5, 10)",
            "Assertion failed: expected Int(10), got Int(5)",
        ),
        ("[assert_true(true), assert_false(false)]", "[true, true]"),
        (
            "assert_true(false)",
            "Assertion failed: expected true, got false",
        ),
        (
            "assert_false(true)",
            "Assertion failed: expected false, got true",
        ),
        ("assert_true(1)", "assert_true requires a boolean argument"),
        (
            "assert_contains([1, 2], 5)",
            "Assertion failed: Array[2] does not contain Int(5)",
        ),
        (
            r#"assert_contains("abc", "x")"#,
            r#"Assertion failed: Str("abc") does not contain Str("x")"#,
        ),
        (
            r#"[assert_contains("abc", "b"), assert_contains({"k": 1}, "k"), assert_contains([1], 1)]"#,
            "[true, true, true]",
        ),
    ]);
}

#[test]
fn results_that_are_too_large_raise() {
    let message = "Out of memory: the result would be too large";
    check(&[
        (r#"repeat("x", 1000000000000)"#, message),
        (r#"repeat("abc", 9223372036854775807)"#, message),
        (r#"pad_left("x", 1000000000000, "é")"#, message),
        (
            r#"replace(repeat("x", 1000000), "x", repeat("y", 1000000))"#,
            message,
        ),
        (
            r#"join(split(repeat("x", 1000000), ""), repeat("y", 1000000))"#,
            message,
        ),
        (
            r#"windows(split(repeat("x", 1000000), ""), 500000)"#,
            message,
        ),
    ]);
}
