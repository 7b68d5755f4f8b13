package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

var kept []*node

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{left: tree(depth - 1), right: tree(depth - 1)}
}

// The cost of an allocation. Without --live nothing is collected inside a pass.
func alloc(a arguments) {
	bytes, refs := a.number("size", 64), a.number("refs", 0)
	threads, passes := a.number("threads", 1), a.number("passes", 31)
	count, live := a.number("mib", 1)<<20/bytes, a.number("live", 0)
	a.allUsed()
	loop, ok := loops[kind{bytes, refs}]
	if !ok {
		fail("alloc: no loop for this size and number of references")
	}
	if live == 0 {
		runtime.GOMAXPROCS(threads)
		debug.SetGCPercent(-1)
	}
	for i := 0; i < live; i++ {
		kept = append(kept, tree(13)) // 2^14 - 1 nodes of 64 bytes: 1 MiB
	}
	sinks := make([]*sink, threads)
	for i := range sinks {
		sinks[i] = new(sink)
	}
	times := make([][2]time.Time, threads)
	var walls, cpus []float64
	for pass := 0; pass <= passes; pass++ { // pass 0 faults the memory in
		watch := start()
		if threads == 1 {
			times[0][0] = time.Now()
			loop(count, sinks[0])
			times[0][1] = time.Now()
		} else {
			var all sync.WaitGroup
			for t := 0; t < threads; t++ {
				all.Add(1)
				go func(t int) {
					times[t][0] = time.Now()
					loop(count, sinks[t])
					times[t][1] = time.Now()
					all.Done()
				}(t)
			}
			all.Wait()
		}
		cpu := watch.cpu()
		begin, end := times[0][0], times[0][1]
		for _, one := range times {
			if one[0].Before(begin) {
				begin = one[0]
			}
			if one[1].After(end) {
				end = one[1]
			}
		}
		if pass > 0 {
			walls = append(walls, float64(end.Sub(begin)))
			cpus = append(cpus, cpu)
		}
		if live == 0 {
			runtime.GC()
		}
	}
	cores := threads
	if cores > runtime.NumCPU() {
		cores = runtime.NumCPU()
	}
	objects := float64(threads * count)
	fmt.Printf("{\"wall_ns\": %.6g, \"cpu_ns\": %.6g}\n", median(walls)*float64(cores)/objects, median(cpus)/objects)
	runtime.KeepAlive(kept)
}
