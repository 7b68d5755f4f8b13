package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Depth first, as they are marked.
func inOrder(nodes int) *node {
	if nodes == 0 {
		return nil
	}
	n := &node{}
	n.left = inOrder((nodes - 1) / 2)
	n.right = inOrder(nodes - 1 - (nodes-1)/2)
	return n
}

// A complete binary tree of nodes in random order.
func shuffled(nodes int) *node {
	table := make([]*node, nodes)
	for i := range table {
		table[i] = &node{}
	}
	r := newRandom()
	for i := nodes - 1; i > 0; i-- {
		j := r.below(i + 1)
		table[i], table[j] = table[j], table[i]
	}
	for i := 1; i < nodes; i++ {
		if i%2 == 1 {
			table[i/2].left = table[i]
		} else {
			table[i/2-1].right = table[i]
		}
	}
	return table[0]
}

// Forced collections of a graph that stays alive, from runtime.GC's call to the end of mark termination. Nothing else
// runs, so idle workers mark on every P.
func mark(a arguments) {
	nodes, cycles := a.number("mib", 1024)<<20/nodeBytes, a.number("cycles", 3)
	order := a.text("order", "random")
	workers := a.number("workers", 1)
	a.allUsed()
	runtime.GOMAXPROCS(workers)
	debug.SetGCPercent(-1)
	var root *node
	if order == "random" {
		root = shuffled(nodes)
	} else {
		root = inOrder(nodes)
	}
	runtime.GC() // also marks what building left
	var times, cpus []float64
	for cycle := 0; cycle < cycles; cycle++ {
		before := cpuNow()
		begin, marked, _ := collect()
		cpus = append(cpus, float64(cpuNow()-before)/float64(nodes)) // with the sweep
		times = append(times, nsBetween(begin, marked)/float64(nodes))
	}
	fmt.Printf("{\"mark_ns\": %.6g, \"cpu_ns\": %.6g, \"objects\": %d}\n", median(times), median(cpus), nodes)
	runtime.KeepAlive(root)
}

// Forced collections of spans of which no, every other or each object died: from the end of mark termination to the end
// of the sweep, on one P.
func sweep(a arguments) {
	nodes, cycles := a.number("mib", 256)<<20/nodeBytes, a.number("cycles", 3)
	step, ok := map[string]int{"none": 0, "half": 2, "all": 1}[a.text("dead", "none")]
	if !ok {
		fail("--dead is none, half or all")
	}
	a.allUsed()
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1)
	const spanBytes = 8192
	table := make([]*node, nodes)
	var times []float64
	for cycle := 0; cycle <= cycles; cycle++ { // cycle 0 faults the memory in
		for i := range table {
			if table[i] == nil {
				table[i] = &node{}
			}
		}
		for i := 0; step > 0 && i < nodes; i += step {
			table[i] = nil
		}
		_, marked, swept := collect()
		if cycle > 0 {
			times = append(times, nsBetween(marked, swept)/float64(nodes*nodeBytes/spanBytes))
		}
	}
	fmt.Printf("{\"sweep_ns\": %.6g, \"spans\": %d}\n", median(times), nodes*nodeBytes/spanBytes)
	runtime.KeepAlive(table)
}
