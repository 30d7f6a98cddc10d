package slice

import "strings"

// The lists here only make messages better: what is in none of them, and in no
// list of what is allowed, is refused all the same.

// clocks are names that SQL answers without parentheses, though no column has
// them, and functions that change with time or chance.
var clocks = set("random uuid uuidv4 uuidv7 gen_random_uuid setseed now today get_current_timestamp get_current_time",
	"current_date current_time current_timestamp current_localtime current_localtimestamp localtime localtimestamp",
	"transaction_timestamp statement_timestamp clock_timestamp nextval currval txid_current")

var machines = set("getenv current_setting getvariable current_user session_user user current_schema current_schemas",
	"current_catalog current_database current_role current_query version pg_typeof write_log in_search_path glob",
	"read_text read_blob read_csv read_csv_auto read_parquet read_json read_json_auto parquet_scan parquet_metadata sniff_csv query query_table")

var growers = set("repeat lpad rpad replace regexp_replace translate format printf range generate_series array_fill list_resize",
	"concat_ws bar hex to_hex bin to_binary to_base64 encode url_encode split str_split string_split regexp_split_to_array",
	"regexp_extract_all unnest generate_subscripts flatten list_value struct_pack row map array_value list_concat")

var aggregates = set("count count_star sum avg mean min max median mode stddev variance quantile quantile_cont string_agg",
	"list array_agg any_value first last arg_max arg_min bool_and bool_or approx_count_distinct histogram product")

func otherFunction(name string, p place) error {
	switch f := called(name); {
	case clocks[name]:
		return refuse(p.offset, "%s is not allowed in a slice: its rows would differ on each run", f)
	case machines[name]:
		return refuse(p.offset, "%s is not allowed in a slice: it looks at the machine, not at the row", f)
	case growers[name] || strings.HasPrefix(name, "list_") || strings.HasPrefix(name, "array_"):
		return refuse(p.offset, "%s is not allowed in a slice: its result can be far larger than the row", f)
	case aggregates[name]:
		return refuse(p.offset, "%s is not allowed in a slice: a slice looks at one row at a time", f)
	case name == "~~~":
		return refuse(p.offset, "GLOB is not allowed in a slice: use LIKE, or regexp_matches()")
	default:
		return refuse(p.offset, "%s is not a function that a slice may use", f)
	}
}

var classes = map[string]string{
	"SUBQUERY":             "a slice is one true-or-false expression; this has a subquery",
	"STAR":                 "a slice names its columns; * and COLUMNS() are not allowed",
	"WINDOW":               "a slice looks at one row at a time; window functions are not allowed",
	"LAMBDA":               "a slice has no lambdas: -> is not allowed",
	"PARAMETER":            "a slice has no parameters: write the value itself",
	"POSITIONAL_REFERENCE": "a slice names its columns; a position such as #1 is not allowed",
	"COLLATE":              "COLLATE is not allowed in a slice: compare lower(…) with lower(…)",
	"DEFAULT":              "DEFAULT is not allowed in a slice: write the value itself",
}

func otherClass(class string, p place) error {
	if message, ok := classes[class]; ok {
		return &Refused{Offset: p.offset, Message: message, format: message}
	}
	return refuse(p.offset, "a slice cannot hold this kind of expression (%q)", class)
}

func otherType(t string, p place) error {
	switch t {
	case "ARRAY_EXTRACT", "ARRAY_SLICE", "STRUCT_EXTRACT":
		return refuse(p.offset, "a slice does not reach into lists or structs; a part of a text is substring(x, from, count)")
	case "OPERATOR_TRY":
		return refuse(p.offset, "TRY is not allowed in a slice: TRY_CAST is")
	case "GROUPING_FUNCTION":
		return refuse(p.offset, "GROUPING is not allowed in a slice: it looks at one row at a time")
	}
	return refuse(p.offset, "a slice cannot hold this kind of expression (%q)", t)
}

func otherScalar(id string, info node, p place) error {
	if name, _ := info["name"].(string); id == "UNBOUND" && name != "" {
		id = name
	}
	return refuse(p.offset, "a slice may not use the type %s: numbers, text, booleans, dates and times are what it knows", id)
}
