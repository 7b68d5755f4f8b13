// The peer in Go of tests/bench/peers: the same programs as peer_bench, on Go's runtime. Prints one line of JSON.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"strconv"
	"syscall"
	"time"
)

// The `--name value` pairs of the command line. A name that the program does not take is refused, since it would
// measure the default.
type arguments map[string]string

func parse(words []string) arguments {
	a := arguments{}
	for i := 0; i < len(words); i += 2 {
		if len(words[i]) < 3 || words[i][:2] != "--" || i+1 == len(words) {
			fail(words[i] + ": expected --NAME VALUE")
		}
		a[words[i][2:]] = words[i+1]
	}
	return a
}

func (a arguments) text(name, otherwise string) string {
	if value, ok := a[name]; ok {
		delete(a, name)
		return value
	}
	return otherwise
}

func (a arguments) number(name string, otherwise int) int {
	value, err := strconv.Atoi(a.text(name, strconv.Itoa(otherwise)))
	if err != nil || value < 0 {
		fail("--" + name + ": expected a whole number")
	}
	return value
}

func (a arguments) allUsed() {
	for name := range a {
		fail("--" + name + ": unknown")
	}
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(2)
}

// CPU time of the process in ns.
func cpuNow() int64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return usage.Utime.Nano() + usage.Stime.Nano()
}

type stopwatch struct {
	begin time.Time
	cpu0  int64
}

func start() stopwatch            { return stopwatch{time.Now(), cpuNow()} }
func (s stopwatch) wall() float64 { return float64(time.Since(s.begin)) }
func (s stopwatch) cpu() float64  { return float64(cpuNow() - s.cpu0) }

func median(values []float64) float64 {
	sort.Float64s(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

// xorshift64, as in common/figures.h.
type random uint64

func newRandom() *random {
	r := random(88172645463325252)
	return &r
}

// Good for n < 2^32.
func (r *random) below(n int) int {
	x := uint64(*r)
	x ^= x << 13
	x ^= x >> 7
	x ^= x << 17
	*r = random(x)
	return int((x >> 32) * uint64(n) >> 32)
}

// A forced collection, sweep included: when mark termination ended.
func collect() (begin, marked, swept time.Time) {
	begin = time.Now()
	runtime.GC()
	swept = time.Now()
	var stats debug.GCStats
	debug.ReadGCStats(&stats)
	return begin, stats.LastGC, swept
}

// LastGC is a wall-clock time, so the difference is taken on that clock.
func nsBetween(from, to time.Time) float64 { return float64(to.UnixNano() - from.UnixNano()) }

func main() {
	if len(os.Args) < 2 {
		fail("a subcommand is missing")
	}
	programs := map[string]func(arguments){
		"alloc": alloc, "binary_trees": binaryTrees, "gcbench": gcBench, "mark": mark, "graph": graph, "ring": ring,
		"sweep": sweep,
	}
	if os.Args[1] == "version" {
		fmt.Println(runtime.Version()[len("go"):])
		return
	}
	program, ok := programs[os.Args[1]]
	if !ok {
		fail(os.Args[1] + ": unknown subcommand")
	}
	runtime.MemProfileRate = 0
	program(parse(os.Args[2:]))
}
