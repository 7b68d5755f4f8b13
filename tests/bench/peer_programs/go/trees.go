package main

import "fmt"

type leaf struct{ left, right *leaf }

func bottomUp(depth int) *leaf {
	if depth == 0 {
		return &leaf{}
	}
	return &leaf{bottomUp(depth - 1), bottomUp(depth - 1)}
}

func (l *leaf) count() int {
	if l.left == nil {
		return 1
	}
	return 1 + l.left.count() + l.right.count()
}

func binaryTrees(a arguments) {
	depth := a.number("depth", 18)
	a.allUsed()
	const least = 4
	watch := start()
	nodes := bottomUp(depth + 1).count()
	keep := bottomUp(depth)
	for d := least; d <= depth; d += 2 {
		for i := 1 << (depth - d + least); i > 0; i-- {
			nodes += bottomUp(d).count()
		}
	}
	nodes += keep.count()
	wall, cpu := watch.wall(), watch.cpu()
	fmt.Printf("{\"wall_ns\": %.6g, \"cpu_ns\": %.6g, \"nodes\": %d}\n", wall/float64(nodes), cpu/float64(nodes), nodes)
}

// GCBench's node; the shapes are those of common/shapes.h.
type wide struct {
	left, right *wide
	i, j        int32
}

func wideBottomUp(depth int) *wide {
	if depth == 0 {
		return &wide{}
	}
	return &wide{left: wideBottomUp(depth - 1), right: wideBottomUp(depth - 1)}
}

func populate(w *wide, depth int) {
	if depth == 0 {
		return
	}
	w.left, w.right = &wide{}, &wide{}
	populate(w.left, depth-1)
	populate(w.right, depth-1)
}

var dropped *wide

func gcBench(a arguments) {
	const stretch, longLived, least, most, doubles = 18, 16, 4, 16, 500000
	less := a.number("less", 0)
	a.allUsed()
	size := func(depth int) int { return 2<<depth - 1 }
	watch := start()
	dropped = wideBottomUp(stretch - less)
	keep := &wide{}
	populate(keep, longLived-less)
	array := make([]float64, doubles)
	for i := 1; i < doubles/2; i++ {
		array[i] = 1 / float64(i)
	}
	for depth := least; depth <= most-less; depth += 2 {
		times := 2 * size(stretch) / size(depth+less)
		for i := 0; i < times; i++ {
			dropped = &wide{}
			populate(dropped, depth)
		}
		for i := 0; i < times; i++ {
			dropped = wideBottomUp(depth)
		}
	}
	if keep.left == nil || array[1000] != 1.0/1000 {
		fail("gcbench: wrong result")
	}
	fmt.Printf("{\"wall_ms\": %.6g, \"cpu_ms\": %.6g}\n", watch.wall()/1e6, watch.cpu()/1e6)
}
