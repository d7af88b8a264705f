"""Names of methods and classes of Java, JUnit and AssertJ, by what they are to altered tests."""

MAKERS = {
    *("of", "ofEntries", "entry", "tuple", "asList", "singletonList", "singleton", "singletonMap"),
    *("unmodifiableList", "unmodifiableSet", "valueOf", "join", "repeat", "concat", "format", "toString"),
    *("put", "add", "append", "build", "copyOf", "stream", "arguments", "toCharArray", "formatted"),
    *("equals", "collect", "array", "list", "ofNullable", "addAll", "isEqualTo", "contains"),
}
"""Methods that make a value of what they are called with, or compare with it."""
TOLD = {
    *("as", "describedAs", "withFailMessage", "overridingErrorMessage", "isThrownBy", "extracting"),
    *("satisfies", "matches", "allMatch", "allSatisfy", "usingComparator", "isCloseTo"),
}
"""Methods of assertions whose arguments are no expected values, or not alone."""
_OPPOSITES = (
    *(("isTrue", "isFalse"), ("isEqualTo", "isNotEqualTo"), ("isEmpty", "isNotEmpty")),
    *(("isNull", "isNotNull"), ("isPresent", "isNotPresent"), ("isZero", "isNotZero")),
    *(("isInstanceOf", "isNotInstanceOf"), ("isSameAs", "isNotSameAs"), ("contains", "doesNotContain")),
    *(("isIn", "isNotIn"), ("isCloseTo", "isNotCloseTo"), ("containsKey", "doesNotContainKey")),
    *(("isGreaterThan", "isLessThanOrEqualTo"), ("isLessThan", "isGreaterThanOrEqualTo")),
    *(("startsWith", "doesNotStartWith"), ("endsWith", "doesNotEndWith")),
    *(("isPositive", "isNotPositive"), ("isNegative", "isNotNegative")),
    *(("matches", "doesNotMatch"), ("hasSameSizeAs", "isEmpty"), ("isOne", "isZero")),
)
TURNED = {
    **{one: other for pair in _OPPOSITES for one, other in (pair, pair[::-1])},
    "isOne": "isNotPositive",
    "isZero": "isNotZero",
    "isEmpty": "isNotEmpty",
    "hasValue": "isNotPresent",
    **dict.fromkeys(("containsExactly", "containsOnly", "containsExactlyInAnyOrder"), "doesNotContain"),
    **dict.fromkeys(("containsExactlyElementsOf", "containsAll", "hasSameElementsAs"), "isNotEqualTo"),
}
JUNIT = {
    "assertTrue": "assertFalse",
    "assertFalse": "assertTrue",
    "assertNull": "assertNotNull",
    "assertNotNull": "assertNull",
    "assertEquals": "assertNotEquals",
    "assertNotEquals": "assertEquals",
    "assertSame": "assertNotSame",
    "assertNotSame": "assertSame",
}
COMPARED = {"assertEquals", "assertArrayEquals", "assertIterableEquals", "assertLinesMatch"}
THROWN = {
    "assertThatIllegalArgumentException": "assertThatIllegalStateException",
    "assertThatIllegalStateException": "assertThatIllegalArgumentException",
    "assertThatNullPointerException": "assertThatIllegalStateException",
    "assertThatIOException": "assertThatIllegalStateException",
}
USUAL = (
    *("IllegalArgumentException", "IllegalStateException", "ArithmeticException", "ClassCastException"),
    *("UnsupportedOperationException", "NullPointerException", "IndexOutOfBoundsException"),
)
RARE = ("ArrayStoreException", "NegativeArraySizeException", "CloneNotSupportedException")
CHANGED = {"String": ' + "7"', "int": " + 1", "long": " + 1", "double": " + 7", "boolean": " ^ true"}
"""What makes another value of a variable, by its type."""
THROWING = {"assertThatExceptionOfType", "assertThrows", "assertThrowsExactly", "isInstanceOf"}
THROWING |= {"isExactlyInstanceOf", "hasCauseInstanceOf"}
