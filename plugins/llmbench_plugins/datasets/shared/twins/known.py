"""Names that mean something else already: words of each language, and methods of its library.

A name of the first kind is never renamed and never becomes a new name. A method with a name of the second
kind is not renamed either, because what else is called so can't be told from it without types.
"""

from collections.abc import Mapping


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


WORDS: Mapping[str, frozenset[str]] = {
    "python": _set("""
    ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError
    BrokenPipeError BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError
    ConnectionRefusedError ConnectionResetError DeprecationWarning EOFError Ellipsis EncodingWarning
    EnvironmentError Exception ExceptionGroup False FileExistsError FileNotFoundError FloatingPointError
    FutureWarning GeneratorExit IOError ImportError ImportWarning IndentationError IndexError
    InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError
    ModuleNotFoundError NameError None NotADirectoryError NotImplemented NotImplementedError OSError
    OverflowError PendingDeprecationWarning PermissionError ProcessLookupError RecursionError ReferenceError
    ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration StopIteration SyntaxError SyntaxWarning
    SystemError SystemExit TabError TimeoutError True TypeError UnboundLocalError UnicodeDecodeError
    UnicodeEncodeError UnicodeError UnicodeTranslateError UnicodeWarning UserWarning ValueError Warning
    ZeroDivisionError _ abs aiter all and anext any as ascii assert async await bin bool break breakpoint
    bytearray bytes callable case chr class classmethod cls compile complex continue copyright credits def
    del delattr dict dir divmod elif else enumerate eval except exec exit filter finally float for format
    from frozenset getattr global globals hasattr hash help hex id if import in input int is isinstance
    issubclass iter lambda len license list locals main map match max memoryview min next nonlocal not
    object oct open or ord pass pow print property quit raise range repr return reversed round run self set
    setattr slice sorted staticmethod str sum super try tuple type vars while with yield zip
    """),
    "javascript": _set("""
    AbortController AbortSignal AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array
    Blob Boolean BroadcastChannel Buffer ByteLengthQueuingStrategy CompressionStream CountQueuingStrategy
    Crypto CryptoKey CustomEvent DOMException DataView Date DecompressionStream Error EvalError Event
    EventTarget File FinalizationRegistry Float32Array Float64Array FormData Function Headers Infinity
    Int16Array Int32Array Int8Array Intl JSON Map Math MessageChannel MessageEvent MessagePort NaN Number
    Object Performance PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver
    PerformanceObserverEntryList PerformanceResourceTiming Promise Proxy RangeError
    ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest
    ReadableStreamDefaultController ReadableStreamDefaultReader ReferenceError Reflect RegExp Request
    Response Set SharedArrayBuffer String SubtleCrypto Symbol SyntaxError TextDecoder TextDecoderStream
    TextEncoder TextEncoderStream TransformStream TransformStreamDefaultController TypeError URIError URL
    URLSearchParams Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet WebAssembly
    WritableStream WritableStreamDefaultController WritableStreamDefaultWriter abstract after afterAll
    afterEach arguments as assert async async_hooks atob await before beforeAll beforeEach boolean break
    btoa buffer case catch child_process class clearImmediate clearInterval clearTimeout cluster console
    const constants constructor continue crypto debugger decodeURI decodeURIComponent default delete
    describe dgram diagnostics_channel dns do document domain else encodeURI encodeURIComponent enum escape
    eval events expect export exports extends false fetch finally for from fs function get global globalThis
    http http2 https if implements import in inspector instanceof interface isFinite isNaN it jest let main
    module net new null of os package parseFloat parseInt path perf_hooks performance private process
    protected public punycode querystring queueMicrotask readline repl require return run set setImmediate
    setInterval setTimeout static stream string_decoder structuredClone super switch sys test this throw
    timers tls trace_events true try tty typeof undefined unescape url util v8 var vm void wasi while window
    with worker_threads yield zlib
    """),
    "go": _set("""
    Default Main New Run any append bool break byte cap case chan clear close comparable complex complex128
    complex64 const continue copy default defer delete else error fallthrough false float32 float64 for func
    go goto if imag import init int int16 int32 int64 int8 interface iota len main make map max min new nil
    package panic print println range real recover return run rune select string struct switch true type
    uint uint16 uint32 uint64 uint8 uintptr var
    """),
    "rust": _set("""
    Arc AsMut AsRef BTreeMap BTreeSet BinaryHeap Box Cell Clone Context Copy Debug Default Display
    DoubleEndedIterator Drop Duration Eq Err Error ExactSizeIterator Extend Fn FnMut FnOnce From Future Hash
    HashMap HashSet Instant Into IntoIterator Item Iterator Mutex None Ok Option Ord Ordering Output
    PartialEq PartialOrd Path PathBuf Pin Poll Rc RefCell Result RwLock Self Send Sized Some String Sync
    Target ToOwned ToString TryFrom TryInto Vec VecDeque Waker abstract allow as assert assert_eq assert_ne
    async await become bool box break cfg char concat const continue crate dbg debug_assert debug_assert_eq
    derive do drop dyn else enum env eprint eprintln extern f32 f64 false file final fn for format i128 i16
    i32 i64 i8 if ignore impl in include_str isize let line loop macro main match matches mod move mut
    override panic print println priv pub ref return run self should_panic static str stringify struct super
    test todo trait true try type typeof u128 u16 u32 u64 u8 unimplemented union unreachable unsafe unsized
    use usize vec virtual where while write writeln yield
    """),
    "cpp": _set("""
    CHECK REQUIRE SECTION TEST_CASE alignas alignof and and_eq asm assert auto begin bitand bitor bool break
    case catch char char16_t char32_t char8_t class co_await co_return co_yield compl concept const
    const_cast consteval constexpr constinit continue decltype default delete do double dynamic_cast else
    end enum explicit export extern false final float for forward friend goto if inline int int16_t int32_t
    int64_t int8_t intptr_t long main map move mutable namespace new noexcept not not_eq nullptr operator
    optional or or_eq override pair private protected ptrdiff_t public register reinterpret_cast requires
    return run set short signed size_t sizeof static static_assert static_cast std string struct swap switch
    template this thread_local throw true try tuple typedef typeid typename uint16_t uint32_t uint64_t
    uint8_t uintptr_t union unsigned using variant vector virtual void volatile wchar_t while xor xor_eq
    """),
}
"""Keywords, what is there without an import, and names that programs and test runners look for."""

METHODS: Mapping[str, frozenset[str]] = {
    "python": _set("""
    BOOLEAN_STATES CDATA_CONTENT_ELEMENTS DataError DatabaseError Emax Emin Error Etiny Etop IntegrityError
    InterfaceError InternalError NONSPACECRE NotSupportedError OPTCRE OPTCRE_NV OperationalError
    ProgrammingError SECTCRE VERSION Warning abort abs absolute accept aclose acquire acquire_lock add
    addClassCleanup addCleanup addFilter addHandler addTypeEqualityFunc add_argument add_argument_group
    add_done_callback add_header add_mutually_exclusive_group add_note add_reader add_section
    add_signal_handler add_subparsers add_writer address_exclude adjusted ag_await ag_code ag_frame
    ag_running anchor append appendleft args arraysize as_bytes as_integer_ratio as_posix as_string as_tuple
    as_uri asend astimezone at_eof athrow attach attach_mock attrib backup betavariate bind bit_count
    bit_length blobopen braceidpattern broadcast_address broken buffer buffer_info bytes bytes_le byteswap
    c_contiguous cache_clear cache_info callHandlers call_args call_args_list call_at call_count
    call_exception_handler call_later call_soon call_soon_threadsafe callback called can_write_eof cancel
    cancelled cancelling canonical capitalize capitals casefold cast cdf center characters_written
    check_for_whole_start_tag check_returncode check_unused_args chmod choice choices clamp clear
    clear_cdata_mode clear_flags clear_traps clock_seq clock_seq_hi_variant clock_seq_low close closed
    co_argcount co_cellvars co_code co_consts co_exceptiontable co_filename co_firstlineno co_flags
    co_freevars co_kwonlyargcount co_lines co_linetable co_lnotab co_name co_names co_nlocals co_positions
    co_posonlyargcount co_qualname co_stacksize co_varnames combine comment commit communicate compare
    compare_networks compare_signal compare_total compare_total_mag compressed configure_mock conjugate
    connect connect_accepted_socket connect_ex connect_read_pipe connect_write_pipe connection contiguous
    convert_arg_line_to_args convert_field converter converters copy copy_abs copy_decimal copy_negate
    copy_sign count countTestCases cr_await cr_code cr_frame cr_origin cr_running cr_suspended createLock
    create_aggregate create_collation create_connection create_datagram_endpoint create_decimal
    create_decimal_from_float create_function create_future create_server create_task create_unix_connection
    create_unix_server create_window_function critical ctime cursor cwd daemon date day days debug decode
    default defaultTestResult default_exception_handler default_factory default_msec_format
    default_time_format defaults del_param deleter delimiter denominator description deserialize detach
    difference difference_update discard divide divide_int divmod doClassCleanups doCleanups done drain
    drive dst dup elements emit empty encode encoding end end_lineno end_offset endpos endswith enter
    enterClassContext enterContext enter_async_context enter_context enterabs errno error errors exception
    execute executemany executescript exists exit exp expand expandtabs expanduser exploded expovariate
    extend extendleft extract extractall f_back f_builtins f_code f_contiguous f_globals f_lasti f_lineno
    f_locals f_trace f_trace_lines f_trace_opcodes family fatal fdel feed feed_data feed_eof fetchall
    fetchmany fetchone fget fieldnames fields filename filename2 fileno filter find findCaller findall
    finditer findtext firstweekday flags flush fma fold format formatException formatMessage formatStack
    formatTime format_field format_help format_map format_usage fp from_bytes from_decimal from_float
    from_samples frombytes fromfile fromhex fromisocalendar fromisoformat fromkeys fromlist fromordinal
    fromtimestamp fromunicode fromutc fset full fullmatch func gammavariate gauss get getChild
    getEffectiveLevel getMessage getName get_all get_boundary get_charset get_charsets get_content_charset
    get_content_disposition get_content_maintype get_content_subtype get_content_type get_coro get_debug
    get_default get_default_type get_exception_handler get_extra_info get_field get_filename get_identifiers
    get_inheritable get_loop get_name get_nowait get_param get_params get_payload get_ready get_stack
    get_starttag_text get_task_factory get_unixfrom get_value getaddrinfo getblocking getboolean getbuffer
    getfirstweekday getfloat getinfo getint getlimit getnameinfo getpeername getpos getrandbits getsockname
    getsockopt getstate getter gettimeout getvalue gi_code gi_frame gi_running gi_suspended gi_yieldfrom
    glob goahead group groupdict groupindex groups handle handleError handle_charref handle_comment
    handle_data handle_decl handle_endtag handle_entityref handle_pi handle_startendtag handle_starttag
    hardlink_to hasHandlers has_option has_section hex home hostmask hosts hour id ident idpattern imag
    in_transaction index indices info infolist insert int interrupt intersection intersection_update inv_cdf
    isDaemon isEnabledFor isSet is_absolute is_active is_alive is_block_device is_canonical is_char_device
    is_closed is_closing is_dir is_fifo is_file is_finite is_global is_infinite is_integer is_link_local
    is_loopback is_mount is_multicast is_multipart is_nan is_normal is_private is_qnan is_relative_to
    is_reserved is_running is_safe is_set is_signed is_snan is_socket is_subnormal is_symlink is_unspecified
    is_valid is_zero isalnum isalpha isascii isatty isdecimal isdigit isdisjoint isidentifier islower
    isnumeric isocalendar isoformat isolation_level isoweekday isprintable isspace issubset issuperset
    istitle isupper item_separator items itemsize iter iterdir iterdump iterencode iterfind itermonthdates
    itermonthdays itermonthdays2 itermonthdays3 itermonthdays4 itertext iterweekdays join joinpath
    key_separator keys keywords kill lastgroup lastindex lastrowid lchmod limit_denominator line_buffering
    lineno link_to listen ljust ln locked locked_lock log log10 logb logical_and logical_invert logical_or
    logical_xor lognormvariate longMessage lower lstat lstrip makeRecord makeelement makefile maketrans
    manager map match max maxDiff max_mag max_prefixlen maxlen maxsize mean median microsecond microseconds
    min min_mag minus minute mkdir mock_add_spec mock_calls mode month monthdatescalendar monthdays2calendar
    monthdayscalendar most_common move_to_end mro msg multiply n_waiting name namelist native_id nbytes ndim
    new_child newlines next_minus next_plus next_toward node normalize normalvariate notify notifyAll
    notify_all now num_addresses number_class numerator obj offset open options optionxform overlap overlaps
    owner packed parent parents paretovariate parse parse_args parse_bogus_comment parse_comment
    parse_declaration parse_endtag parse_html_declaration parse_intermixed_args parse_known_args
    parse_known_intermixed_args parse_marked_section parse_pi parse_starttag parties partition parts path
    pattern pdf peek plus poll pop pop_all popitem popleft pos power prec prefixlen prepare
    print_file_and_line print_help print_stack print_usage printdir proto push push_async_callback
    push_async_exit put put_nowait qsize quantiles quantize queue radix randbytes randint random randrange
    raw raw_decode raw_items re read read1 read_bytes read_dict read_file read_string read_text readable
    readexactly readfp readinto readinto1 readline readlines readlink readonly readuntil real reconfigure
    recv recv_into recvfrom recvfrom_into recvmsg recvmsg_into register regs relative_to release
    release_lock remainder remainder_near remove removeFilter removeHandler remove_done_callback
    remove_option remove_reader remove_section remove_signal_handler remove_writer removeprefix removesuffix
    rename replace replace_header reset reset_mock resolution resolve result return_value reverse
    reverse_pointer rfind rglob rindex rjust rmdir rollback root rotate rounding row_factory rowcount
    rpartition rsplit rstrip run run_forever run_in_executor run_until_complete running safe_substitute
    same_quantum samefile sample samples scaleb scanner search second seconds sections seed seek seekable
    send send_signal sendall sendfile sendmsg sendmsg_afalg sendto serialize set setDaemon setFormatter
    setLevel setName setUp setUpClass set_authorizer set_boundary set_cdata_mode set_charset set_debug
    set_default_executor set_default_type set_defaults set_exception set_exception_handler set_inheritable
    set_name set_param set_payload set_progress_handler set_raw set_result set_running_or_notify_cancel
    set_task_factory set_trace_callback set_transport set_type set_unixfrom setblocking setdefault
    setfirstweekday setinputsizes setlimit setoutputsize setpassword setsockopt setstate setter settimeout
    shape shift shortDescription shuffle shutdown shutdown_asyncgens shutdown_default_executor side_effect
    skipTest sock_accept sock_connect sock_recv sock_recv_into sock_recvfrom sock_recvfrom_into sock_sendall
    sock_sendfile sock_sendto sort span split splitlines sqrt start start_tls startswith stat static_order
    stderr stdev stdin stdout stem step stop strerror strftime strides string strip strptime sub subTest
    submit subn subnet_of subnets suboffsets subprocess_exec subprocess_shell substitute subtract suffix
    suffixes supernet supernet_of swapcase symlink_to symmetric_difference symmetric_difference_update tag
    tail task_done tb_frame tb_lasti tb_lineno tb_next tearDown tearDownClass tell terminate testzip text
    text_factory throw time time_hi_version time_low time_mid timeout timestamp timetuple timetz title
    to_bytes to_eng_string to_integral to_integral_exact to_integral_value to_sci_string tobytes today
    tofile tolist toordinal toreadonly total total_changes total_seconds touch tounicode translate transport
    triangular truncate type typecode tzinfo tzname uncancel uniform union universal_newlines unknown_decl
    unlink update updatepos upper urn usesTime utc utcfromtimestamp utcnow utcoffset utctimetuple value
    values variance variant version vformat vonmisesvariate wait wait_closed wait_for walk warn warning
    weekday weibullvariate with_hostmask with_name with_netmask with_prefixlen with_stem with_suffix
    with_traceback writable write write_bytes write_eof write_text write_through writeheader writelines
    writerow writerows writestr year yeardatescalendar yeardays2calendar yeardayscalendar zfill zscore
    """),
    "javascript": _set("""
    abort aborted abs acos acosh add addAbortListener addAbortSignal addEventListener addListener algorithm
    all allSettled alloc allocUnsafe allocUnsafeSlow anchor and any append apply arguments arrayBuffer
    asIndexedPairs asIntN asUintN asciiSlice asciiWrite asin asinh assert assign asyncDispose asyncIterator
    at atan atan2 atanh attribute base64Slice base64Write base64urlSlice base64urlWrite big bind blink blob
    body bodyUsed bold bubbles buffer byobRequest byteLength byteOffset bytes cache call caller canParse
    cancel cancelBubble cancelable captureRejectionSymbol captureRejections captureStackTrace catch cbrt
    ceil charAt charCodeAt clear clearMarks clearMeasures clearResourceTimings clone close closed clz32 code
    codePointAt compare compareExchange compile compose composed composedPath concat connectEnd connectStart
    construct constructor context copy copyBytesFrom copyWithin cork cos cosh count countReset create
    createObjectURL createTask credentials currentTarget data debug decode decodedBodySize decrypt deepEqual
    deepStrictEqual defaultMaxListeners defaultPrevented defineProperties defineProperty delete
    deleteProperty deref deriveBits deriveKey description desiredSize destination destroy destroyed detail
    digest dir dirxml disconnect dispatchEvent dispose doesNotMatch doesNotReject doesNotThrow
    domainLookupEnd domainLookupStart dotAll drop duplex duplexPair duration emit encode encodeInto
    encodedBodySize encoding encrypt end endsWith enqueue entries entryType equal equals error errorMonitor
    errored eventLoopUtilization eventNames eventPhase every exchange exec exp expm1 exportKey extensions
    extractable fail fatal fetchStart fill filter finally find findIndex findLast findLastIndex finished
    fixed flags flat flatMap floor fontcolor fontsize for forEach formData freeze from fromCharCode
    fromCodePoint fromEntries fround generateKey get getAll getBigInt64 getBigUint64 getCanonicalLocales
    getDate getDay getDefaultHighWaterMark getEntries getEntriesByName getEntriesByType getEventListeners
    getFloat32 getFloat64 getFullYear getHours getInt16 getInt32 getInt8 getMaxListeners getMilliseconds
    getMinutes getMonth getOwnPropertyDescriptor getOwnPropertyDescriptors getOwnPropertyNames
    getOwnPropertySymbols getPrototypeOf getRandomValues getReader getSeconds getSetCookie getTime
    getTimezoneOffset getUTCDate getUTCDay getUTCFullYear getUTCHours getUTCMilliseconds getUTCMinutes
    getUTCMonth getUTCSeconds getUint16 getUint32 getUint8 getWriter getYear global group groupCollapsed
    groupEnd grow growable has hasIndices hasInstance hasOwn hasOwnProperty hasRef hash headers hexSlice
    hexWrite highWaterMark host hostname href hypot ifError ignoreBOM ignoreCase importKey imul includes
    indexOf info init initEvent initiatorType input inspect integrity is isArray isBuffer isConcatSpreadable
    isDestroyed isDisturbed isEncoding isErrored isExtensible isFinite isFrozen isHistoryNavigation
    isInteger isLockFree isNaN isPaused isPrototypeOf isReadable isReloadNavigation isSafeInteger isSealed
    isTrusted isView isWellFormed isWritable italics iterator join json kMaxEventTargetListeners
    kMaxEventTargetListenersWarned keepalive keyFor keys lastEventId lastIndexOf lastMatch lastModified
    lastParen latin1Slice latin1Write leftContext length link listenerCount listeners load localeCompare
    locked log log10 log1p log2 main map mark markResourceTiming match matchAll max maxByteLength measure
    message method min mode multiline name next nextHopProtocol nodeTiming normalize notDeepEqual
    notDeepStrictEqual notEqual notStrictEqual notify now observe of off offset ok on onabort once onmessage
    onmessageerror onresourcetimingbufferfull or origin ownKeys padEnd padStart parent parse parseFloat
    parseInt password pathname pause pipe pipeThrough pipeTo pipeline poolSize pop port ports postMessage
    pow prepareStackTrace prependListener prependOnceListener preventDefault preventExtensions profile
    profileEnd promises propertyIsEnumerable protocol prototype push race random randomUUID raw rawListeners
    read readBigInt64BE readBigInt64LE readBigUInt64BE readBigUInt64LE readBigUint64BE readBigUint64LE
    readDoubleBE readDoubleLE readFloatBE readFloatLE readInt16BE readInt16LE readInt32BE readInt32LE
    readInt8 readIntBE readIntLE readUInt16BE readUInt16LE readUInt32BE readUInt32LE readUInt8 readUIntBE
    readUIntLE readUint16BE readUint16LE readUint32BE readUint32LE readUint8 readUintBE readUintLE readable
    readableAborted readableBuffer readableDidRead readableEncoding readableEnded readableFlowing
    readableHighWaterMark readableLength readableObjectMode ready reason redirect redirectEnd redirectStart
    redirected reduce reduceRight ref referrer referrerPolicy register reject rejects releaseLock
    removeAllListeners removeEventListener removeListener repeat replace replaceAll requestStart resizable
    resize resolve respond respondWithNewView responseEnd responseStart resume return returnValue reverse
    revocable revokeObjectURL rightContext round seal search searchParams secureConnectionStart set
    setBigInt64 setBigUint64 setDate setDefaultEncoding setDefaultHighWaterMark setEncoding setFloat32
    setFloat64 setFullYear setHours setInt16 setInt32 setInt8 setMaxListeners setMilliseconds setMinutes
    setMonth setPrototypeOf setResourceTimingBufferSize setSeconds setTime setUTCDate setUTCFullYear
    setUTCHours setUTCMilliseconds setUTCMinutes setUTCMonth setUTCSeconds setUint16 setUint32 setUint8
    setYear shift sign signal sin sinh size slice small some sort source species splice split sqrt
    srcElement stackTraceLimit start startTime startsWith status statusText sticky stopImmediatePropagation
    stopPropagation store stream strict strictEqual strike stringify sub subarray substr substring subtle
    sup supportedEntryTypes supportedValuesOf swap16 swap32 swap64 table take takeRecords tan tanh target
    tee terminate test text then throw throwIfAborted throws time timeEnd timeLog timeOrigin timeStamp
    timeout timerify toArray toDateString toExponential toFixed toGMTString toISOString toJSON
    toLocaleDateString toLocaleLowerCase toLocaleString toLocaleTimeString toLocaleUpperCase toLowerCase
    toPrecision toPrimitive toReversed toSorted toSpliced toString toStringTag toTimeString toUTCString
    toUpperCase toWellFormed trace transferSize trim trimEnd trimLeft trimRight trimStart trunc type
    ucs2Slice ucs2Write uncork unicode unicodeSets unpipe unref unregister unscopables unshift unwrapKey url
    usages username usingDomains utf8Slice utf8Write valueOf values verify view wait waitAsync warn with
    workerStart wrap wrapKey writable writableAborted writableBuffer writableCorked writableEnded
    writableFinished writableHighWaterMark writableLength writableNeedDrain writableObjectMode write
    writeBigInt64BE writeBigInt64LE writeBigUInt64BE writeBigUInt64LE writeBigUint64BE writeBigUint64LE
    writeDoubleBE writeDoubleLE writeFloatBE writeFloatLE writeInt16BE writeInt16LE writeInt32BE
    writeInt32LE writeInt8 writeIntBE writeIntLE writeUInt16BE writeUInt16LE writeUInt32BE writeUInt32LE
    writeUInt8 writeUIntBE writeUIntLE writeUint16BE writeUint16LE writeUint32BE writeUint32LE writeUint8
    writeUintBE writeUintLE xor
    """),
    "go": _set("""
    Abs Add After Append As Back Before Broadcast Buffer Bytes Call Cap Cause Cleanup Clear Clone Close Cmp
    Compare CompareAndSwap Copy Create Date Day Deadline Decode Delete Div Do Done Elem Encode Equal Err
    Error Errorf Execute Fail FailNow Failed Fatal Fatalf Field Float64 Flush Format Front Get GoString Grow
    Has Helper Hour Hours Index Init Insert Int Int63 Intn Is Key Keys Kind Len Less Load LoadOrStore Lock
    Log Logf Marshal MarshalBinary MarshalJSON MarshalText Method Minute Minutes Mode Month Mul Name Neg
    Next Now NumField Open Parallel Parse Perm Pop Prev Print Printf Println Push Put RLock RUnlock Range
    Read ReadAt ReadByte ReadFrom ReadLine ReadRune ReadString Remove Reset Round Run Scan Scanln Scanner
    Second Seconds Seed Seek ServeHTTP Set Shuffle Sign Signal Since Size Skip Sleep Split Sscanf Start Stat
    Stop Store String Sub Sum Swap Text Time Truncate TryLock Type Unix Unlock Unmarshal UnmarshalBinary
    UnmarshalJSON UnmarshalText UnreadByte UnreadRune Until Unwrap Value Values Wait Weekday Write WriteAt
    WriteByte WriteString WriteTo Year
    """),
    "rust": _set("""
    abs add all and_then any append as_bytes as_deref as_millis as_mut as_nanos as_ref as_secs as_slice
    as_str back borrow borrow_mut by_ref bytes capacity ceil chain char_indices chars checked_add
    checked_div checked_mul checked_sub chunks clear clone clone_from cloned cmp collect concat contains
    contains_key copied count cycle dedup default deref deref_mut description div downgrade drain drop
    duration_since elapsed ends_with entry enumerate eq err expect extend fetch_add fetch_sub fill filter
    filter_map find find_map finish first first_mut flat_map flatten floor fmt fold from from_iter
    from_millis from_nanos from_secs from_str front ge get get_mut get_or_init get_or_insert_with gt hash id
    index index_mut insert inspect into into_iter is_alphabetic is_alphanumeric is_ascii is_empty is_err
    is_none is_numeric is_ok is_some is_whitespace iter iter_mut join keys last last_mut le len lines load
    lock lt main map map_err max max_by max_by_key min min_by min_by_key mul name ne neg new next next_back
    not notify_all notify_one now nth ok ok_or ok_or_else or_default or_else or_insert or_insert_with
    overflowing_add parse partial_cmp partition peek peekable pin poll pop pop_back pop_front position pow
    product push push_back push_front push_str read recv rem remove repeat replace reserve resize retain rev
    reverse rotate_left rotate_right round saturating_add saturating_mul saturating_sub scan send set
    size_hint skip skip_while sleep sort sort_by sort_by_key sort_unstable source spawn split split_at
    split_whitespace sqrt starts_with step_by store strip_prefix strip_suffix strong_count sub sum swap take
    take_while to_lowercase to_owned to_string to_uppercase to_vec trim trim_end trim_start truncate
    try_from try_into try_lock try_read try_recv try_write unwrap unwrap_or unwrap_or_default unwrap_or_else
    upgrade values values_mut wait wait_timeout wake wake_by_ref waker windows with_capacity wrapping_add
    wrapping_mul wrapping_sub write zip
    """),
    "cpp": _set("""
    all allocator_type any append assign at back bad before begin bucket c_str capacity cbegin cend clear
    close code compare compare_exchange_strong compare_exchange_weak const_iterator const_reference contains
    copy count data detach difference_type duration_cast element_type emplace emplace_back emplace_front
    empty end ends_with eof epsilon equal_range erase exchange extract fail fetch_add fetch_sub fill find
    find_first_not_of find_first_of find_last_not_of find_last_of first flip flush forward front get
    get_future get_id get_token getline good hardware_concurrency has_value hash_code hash_function ignore
    imag index infinity insert is_lock_free is_open iterator iterator_category join joinable key_comp key_eq
    key_type length load load_factor lock lock_shared lower_bound lowest mapped_type max max_size merge
    message min move name none notify_all notify_one now open owns_lock peek pointer pop pop_back pop_front
    precision push push_back push_front put rbegin rdbuf read real reference rehash release remove remove_if
    rend replace request_stop reserve reset resize reverse rfind run second seekg set_exception set_value
    share size size_type sort splice starts_with stop_requested store str substr swap tellg test
    time_since_epoch to_string to_ulong top try_lock type unique unlock unlock_shared upper_bound use_count
    valid value value_comp value_or value_type visit wait wait_for wait_until what width write
    """),
}
"""Methods and fields of what the standard libraries hold."""
