/** A program that does nothing but end with the status it is given; see `leave`. */
process.exitCode = Number(process.argv[2]);
