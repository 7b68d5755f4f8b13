module sweepscope/peers

go 1.19
