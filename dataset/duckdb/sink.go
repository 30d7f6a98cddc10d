package duckdb

/*
#include <stdint.h>
#include <stdlib.h>

void noworseSink(void *info, void *input, void *output);
void noworseCode(void *info, void *input, void *output);

static void *noworse_sink_pointer(void) { return (void *)noworseSink; }
static void *noworse_code_pointer(void) { return (void *)noworseCode; }
*/
import "C"

import (
	"errors"
	"fmt"
	"math"
	"runtime/cgo"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/duckdb/duckdb-go-bindings"

	"github.com/noworse/noworse/dataset"
)

// sinkName is the SQL function that hands its arguments to Go. DuckDB calls it
// in the scan, on every thread, for some 2,048 rows at a time: no row is
// copied or turned into a result set.
//
// markName is the same, for sinks that give texts for the rows.
//
// codeName numbers the texts of a field, which is its first argument. Where a file
// has a dictionary of a column's values, DuckDB calls it for the dictionary alone.
//
// answersName and answersCodeName are for the sinks of the first step of Derive,
// which give numbers for the rows.
const (
	sinkName        = "__noworse_sink"
	markName        = "__noworse_mark"
	codeName        = "__noworse_code"
	answersName     = "__noworse_answers"
	answersCodeName = "__noworse_answers_code"
)

// answersEach is how many numbers there are for a row: see dataset.Answers.
const answersEach = 5

// sinkFunction is the registration of SQL functions and the scan that they serve at
// the moment.
type sinkFunction struct {
	handle cgo.Handle
	memory *C.uintptr_t // holds the handle, where C can point at it
	active atomic.Pointer[scan]
}

func registerSink(c *conn) (*sinkFunction, error) {
	return register(c, []scalar{
		{name: sinkName, gives: duckdb_go_bindings.TypeBoolean, volatile: true, call: C.noworse_sink_pointer()},
		{name: markName, gives: duckdb_go_bindings.TypeVarchar, volatile: true, call: C.noworse_sink_pointer()},
		{name: codeName, gives: duckdb_go_bindings.TypeUInteger, call: C.noworse_code_pointer()},
	})
}

func registerAnswers(c *conn) (*sinkFunction, error) {
	return register(c, []scalar{
		{name: answersName, gives: duckdb_go_bindings.TypeDouble, each: answersEach, volatile: true, call: C.noworse_sink_pointer()},
		{name: answersCodeName, gives: duckdb_go_bindings.TypeUInteger, call: C.noworse_code_pointer()},
	})
}

func register(c *conn, functions []scalar) (*sinkFunction, error) {
	f := new(sinkFunction)
	f.handle = cgo.NewHandle(f)
	f.memory = (*C.uintptr_t)(C.malloc(C.size_t(unsafe.Sizeof(C.uintptr_t(0)))))
	*f.memory = C.uintptr_t(f.handle)
	for _, s := range functions {
		if err := f.register(c, s); err != nil {
			f.release()
			return nil, err
		}
	}
	return f, nil
}

// scalar is one SQL function.
type scalar struct {
	name     string
	gives    duckdb_go_bindings.Type
	each     uint64 // how many of them for each row, in an array; 0: one
	volatile bool   // called for every row, never folded away
	call     unsafe.Pointer
}

func (s scalar) given() duckdb_go_bindings.LogicalType {
	given := duckdb_go_bindings.CreateLogicalType(s.gives)
	if s.each == 0 {
		return given
	}
	defer duckdb_go_bindings.DestroyLogicalType(&given)
	return duckdb_go_bindings.CreateArrayType(given, duckdb_go_bindings.IdxT(s.each))
}

func (f *sinkFunction) register(c *conn, s scalar) error {
	function := duckdb_go_bindings.CreateScalarFunction()
	defer duckdb_go_bindings.DestroyScalarFunction(&function)
	anything := duckdb_go_bindings.CreateLogicalType(duckdb_go_bindings.TypeAny)
	defer duckdb_go_bindings.DestroyLogicalType(&anything)
	given := s.given()
	defer duckdb_go_bindings.DestroyLogicalType(&given)
	duckdb_go_bindings.ScalarFunctionSetName(function, s.name)
	duckdb_go_bindings.ScalarFunctionSetVarargs(function, anything)
	duckdb_go_bindings.ScalarFunctionSetReturnType(function, given)
	duckdb_go_bindings.ScalarFunctionSetSpecialHandling(function) // rows with nulls are handed over too
	if s.volatile {
		duckdb_go_bindings.ScalarFunctionSetVolatile(function)
	}
	duckdb_go_bindings.ScalarFunctionSetExtraInfo(function, unsafe.Pointer(f.memory), nil)
	duckdb_go_bindings.ScalarFunctionSetFunction(function, s.call)
	if duckdb_go_bindings.RegisterScalarFunction(c.con, function) == duckdb_go_bindings.StateError {
		return errors.New("DuckDB does not take the scan function")
	}
	return nil
}

// release frees the handle; the database must be closed by then.
func (f *sinkFunction) release() {
	f.handle.Delete()
	C.free(unsafe.Pointer(f.memory))
}

//export noworseSink
func noworseSink(info, input, output unsafe.Pointer) {
	serve(info, input, output, (*sinkFunction).consume)
}

//export noworseCode
func noworseCode(info, input, output unsafe.Pointer) {
	serve(info, input, output, (*sinkFunction).encode)
}

func serve(info, input, output unsafe.Pointer, by func(*sinkFunction, duckdb_go_bindings.DataChunk, int, duckdb_go_bindings.Vector) error) {
	call := duckdb_go_bindings.FunctionInfo{Ptr: info}
	f := cgo.Handle(*(*C.uintptr_t)(duckdb_go_bindings.ScalarFunctionGetExtraInfo(call))).Value().(*sinkFunction)
	chunk := duckdb_go_bindings.DataChunk{Ptr: input}
	rows := int(duckdb_go_bindings.DataChunkGetSize(chunk))
	if err := by(f, chunk, rows, duckdb_go_bindings.Vector{Ptr: output}); err != nil {
		duckdb_go_bindings.ScalarFunctionSetError(call, err.Error())
	}
}

// encode serves one call: its answer is the codes of the texts.
func (f *sinkFunction) encode(chunk duckdb_go_bindings.DataChunk, rows int, answer duckdb_go_bindings.Vector) error {
	s := f.active.Load()
	if s == nil {
		return errors.New("internal: a batch outside of a scan")
	}
	if rows == 0 {
		return nil
	}
	field := *(*int32)(duckdb_go_bindings.VectorGetData(duckdb_go_bindings.DataChunkGetVector(chunk, 0)))
	v := duckdb_go_bindings.DataChunkGetVector(chunk, 1)
	texts := unsafe.Slice((*germanString)(duckdb_go_bindings.VectorGetData(v)), rows)
	codes := unsafe.Slice((*uint32)(duckdb_go_bindings.VectorGetData(answer)), rows)
	if !s.dictionaries[field].encode(codes, texts, validity(v, rows)) {
		err := &dataset.ManyError{Field: s.handing.asked(int(field))}
		s.failed(err)
		return err
	}
	return nil
}

// consume serves one call: its answer is true, or the texts or numbers, for every
// row. A panic may not cross into C: it becomes the error of the scan.
func (f *sinkFunction) consume(chunk duckdb_go_bindings.DataChunk, rows int, answer duckdb_go_bindings.Vector) (err error) {
	s := f.active.Load()
	if s == nil {
		return errors.New("internal: a batch outside of a scan")
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal: %v", p)
		}
		if err != nil {
			s.failed(err)
		}
	}()
	w := s.take()
	defer s.give(w)
	w.batch.Rows = rows
	if s.marked {
		w.batch.Marks = make([][]string, rows)
	}
	for j := range w.handed {
		v := duckdb_go_bindings.DataChunkGetVector(chunk, duckdb_go_bindings.IdxT(j))
		fill(&w.handed[j], s.handing.fields[j].Form, v, rows)
		if s.dictionaries[j] != nil {
			w.handed[j].Dictionary = s.dictionaries[j]
		}
	}
	s.handing.give(w.batch.Vectors, w.handed, rows)
	if err := w.sink.Consume(&w.batch); err != nil {
		return err
	}
	if s.progress != nil {
		s.progress(s.rows.Add(uint64(rows)))
	}
	if s.marked {
		return tell(w.batch.Marks, answer)
	}
	if s.answers {
		tellAnswers(&w.batch.Answers, rows, answer)
		return nil
	}
	all := unsafe.Slice((*uint8)(duckdb_go_bindings.VectorGetData(answer)), rows)
	for i := range all {
		all[i] = 1
	}
	return nil
}

// tellAnswers writes a sink's numbers to a vector of arrays; NaN where it has none.
func tellAnswers(a *dataset.Answers, rows int, to duckdb_go_bindings.Vector) {
	child := duckdb_go_bindings.VectorGetData(duckdb_go_bindings.ArrayVectorGetChild(to))
	all := unsafe.Slice((*float64)(child), rows*answersEach)
	for i, numbers := range [answersEach][]float64{a.Label, a.Prediction[0], a.Score[0], a.Prediction[1], a.Score[1]} {
		for row := range rows {
			if numbers == nil {
				all[row*answersEach+i] = math.NaN()
			} else {
				all[row*answersEach+i] = numbers[row]
			}
		}
	}
}

// fill points a vector at DuckDB's memory; only texts need headers of their own.
func fill(to *dataset.Vector, form dataset.Form, v duckdb_go_bindings.Vector, rows int) {
	data := duckdb_go_bindings.VectorGetData(v)
	to.Valid = validity(v, rows)
	switch form {
	case dataset.AsBool, dataset.Present, dataset.Sampled:
		to.Bools = unsafe.Slice((*uint8)(data), rows)
	case dataset.AsInt, dataset.Position, dataset.AsTime:
		to.Ints = unsafe.Slice((*int64)(data), rows)
	case dataset.AsFloat:
		to.Floats = unsafe.Slice((*float64)(data), rows)
	case dataset.AsVector:
		fillLists(to, v, rows)
	case dataset.AsCode:
		to.Codes = unsafe.Slice((*uint32)(data), rows)
	case dataset.AsText:
		if cap(to.Texts) < rows {
			to.Texts = make([]string, rows)
		}
		to.Texts = to.Texts[:rows]
		for i := range unsafe.Slice((*germanString)(data), rows) {
			if isValid(to.Valid, i) {
				to.Texts[i] = (*germanString)(unsafe.Add(data, i*16)).view()
			} else {
				to.Texts[i] = ""
			}
		}
	}
}

// fillLists points the lists of a vector at DuckDB's memory; those with nulls are copied.
func fillLists(to *dataset.Vector, v duckdb_go_bindings.Vector, rows int) {
	entries := unsafe.Slice((*[2]uint64)(duckdb_go_bindings.VectorGetData(v)), rows) // where each begins, and its length
	child := duckdb_go_bindings.ListVectorGetChild(v)
	size := int(duckdb_go_bindings.ListVectorGetSize(v))
	numbers, valid := unsafe.Slice((*float64)(duckdb_go_bindings.VectorGetData(child)), size), validity(child, size)
	to.Lists = to.Lists[:0]
	for i, e := range entries {
		if !isValid(to.Valid, i) {
			to.Lists = append(to.Lists, nil)
			continue
		}
		list := numbers[e[0] : e[0]+e[1] : e[0]+e[1]]
		for k := range list {
			if !isValid(valid, int(e[0])+k) {
				list = slices.Clone(list)
				list[k] = math.NaN()
			}
		}
		to.Lists = append(to.Lists, list)
	}
}

// scan is one run over the rows.
type scan struct {
	handing      *handing
	dictionaries []*dictionary // by field of handing; nil where it has no codes
	newSink      func() dataset.Sink
	marked       bool // sinks give texts
	answers      bool // sinks give numbers
	progress     func(uint64)
	rows         atomic.Uint64

	mu   sync.Mutex
	idle []*worker
	err  error // the first that a sink gave
}

// worker is a sink and the batch that it is shown, used by one thread at a time.
type worker struct {
	sink   dataset.Sink
	handed []dataset.Vector
	batch  dataset.Batch
}

func (s *scan) take() *worker {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.idle); n > 0 {
		w := s.idle[n-1]
		s.idle = s.idle[:n-1]
		return w
	}
	return &worker{
		sink: s.newSink(), handed: make([]dataset.Vector, len(s.handing.fields)),
		batch: dataset.Batch{Vectors: make([]dataset.Vector, len(s.handing.places))},
	}
}

func (s *scan) give(w *worker) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, w)
}

func (s *scan) failed(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}
