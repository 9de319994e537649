# What the worker calls in R: frames are read from files, functions of sdcMicro are called by name, and results are
# written to files. Nothing here reads text as a program. See frames.py, calls.py and results.py for the formats.

dk_smallest <- -2147483647L - 1L # how a missing whole number is written; as an integer R reads it as NA

dk_read_frame <- function(folder) {
  index <- jsonlite::fromJSON(file.path(folder, "frame.json"), simplifyVector = FALSE)
  columns <- lapply(seq_along(index$columns), function(place) {
    kind <- index$columns[[place]]$kind
    file <- file.path(folder, paste0(place - 1, ".bin"))
    if (kind == "double") {
      values <- readBin(file, "double", index$rows, 8L, endian = "little")
      values[is.na(values)] <- NA_real_
      return(values)
    }
    codes <- readBin(file, "integer", index$rows, 4L, endian = "little")
    if (kind == "integer") return(codes)
    if (kind == "logical") return(codes != 0L)
    levels <- as.character(jsonlite::fromJSON(file.path(folder, paste0(place - 1, ".json"))))
    if (kind == "character") return(levels[codes])
    structure(codes, levels = levels, class = "factor")
  })
  names(columns) <- vapply(index$columns, function(one) enc2utf8(one$name), "")
  structure(columns, row.names = .set_row_names(index$rows), class = "data.frame")
}

dk_json <- function(value, file) {
  writeLines(jsonlite::toJSON(value, auto_unbox = TRUE, null = "null", digits = NA), file, useBytes = TRUE)
}

dk_write_column <- function(values, folder, place) {
  file <- file.path(folder, paste0(place, ".bin"))
  write <- function(x, size) {
    stream <- file(file, "wb")
    on.exit(close(stream))
    writeBin(x, stream, size = size, endian = "little")
  }
  if (is.character(values)) {
    found <- unique(values[!is.na(values)])
    write(match(values, found, incomparables = NA), 4L)
    dk_json(I(enc2utf8(as.character(found))), file.path(folder, paste0(place, ".json")))
    return("character")
  }
  if (is.factor(values)) {
    # A level that is missing itself, as addNA makes, is missing.
    kept <- which(!is.na(levels(values)))
    write(match(as.integer(values), kept), 4L)
    dk_json(I(enc2utf8(levels(values)[kept])), file.path(folder, paste0(place, ".json")))
    return("factor")
  }
  if (is.logical(values)) {
    write(as.integer(values), 4L)
    return("logical")
  }
  if (is.integer(values)) {
    write(as.integer(unclass(values)), 4L)
    return("integer")
  }
  if (!is.numeric(values)) stop("a column of another kind")
  write(as.double(unclass(values)), 8L)
  "double"
}

dk_write_frame <- function(frame, folder) {
  dir.create(folder, recursive = TRUE)
  names <- names(frame)
  if (is.null(names)) names <- paste0("V", seq_along(frame))
  kinds <- vapply(seq_along(frame), function(place) dk_write_column(frame[[place]], folder, place - 1L), "")
  columns <- lapply(seq_along(frame), function(place) list(name = enc2utf8(names[place]), kind = kinds[place]))
  dk_json(list(rows = nrow(frame), columns = columns), file.path(folder, "frame.json"))
}

dk_plain <- function(frame) {
  # Some of sdcMicro's frames have classes of their own, and columns that are matrices.
  columns <- unclass(frame)
  attributes(columns) <- list(names = names(frame))
  rows <- if (length(columns)) NROW(columns[[1]]) else 0L
  structure(columns, row.names = .set_row_names(rows), class = "data.frame")
}

dk_slots <- c(
  "manipKeyVars", "manipPramVars", "manipNumVars", "manipGhostVars", "manipStrataVar", "originalRisk", "risk", "utility",
  "pram", "localSuppression", "deletedVars"
)

# Writes a result, whatever it is, and returns what describes it.
dk_result <- function(value, into, depth = 0L) {
  omitted <- list(kind = "omitted")
  if (is.null(value)) return(list(kind = "null"))
  if (depth > 8L || is.function(value) || is.environment(value) || is.language(value)) return(omitted)
  put <- function(frame) {
    into$count <- into$count + 1L
    name <- paste0("r", into$count)
    dk_write_frame(frame, file.path(into$folder, name))
    name
  }
  if (isS4(value)) {
    slots <- Filter(function(one) isVirtualClass(class(value)) || one %in% slotNames(value), dk_slots)
    items <- lapply(slots, function(one) dk_result(slot(value, one), into, depth + 1L))
    return(list(kind = "list", names = as.list(slots), items = items))
  }
  if (is.data.frame(value)) {
    if (!ncol(value)) return(list(kind = "null"))
    return(list(kind = "frame", frame = put(dk_plain(value))))
  }
  if (is.matrix(value) || inherits(value, "table")) {
    if (length(dim(value)) > 2L || !length(value)) return(omitted)
    plain <- as.data.frame.matrix(if (is.matrix(value)) unclass(value) else as.matrix(value))
    return(list(kind = "frame", frame = put(plain)))
  }
  if (is.atomic(value) || is.factor(value)) {
    named <- names(value)
    plain <- if (is.factor(value)) value else as.vector(value)
    if (is.complex(plain) || is.raw(plain)) return(omitted)
    frame <- structure(list(value = unname(plain)), row.names = .set_row_names(length(plain)), class = "data.frame")
    if (!is.null(named)) frame$name <- as.character(named)
    return(list(kind = "vector", frame = put(frame)))
  }
  if (is.list(value)) {
    value <- unclass(value)
    items <- lapply(unname(value), function(one) dk_result(one, into, depth + 1L))
    named <- names(value)
    return(list(kind = "list", names = as.list(if (is.null(named)) character(length(value)) else named), items = items))
  }
  omitted
}

dk_argument <- function(one, frames) {
  value <- one$value
  flat <- function(x) unlist(x, use.names = FALSE)
  switch(one$kind,
    numbers = as.numeric(flat(value)),
    number = as.numeric(value),
    whole = as.integer(value),
    columns = enc2utf8(flat(value)),
    labels = enc2utf8(flat(value)),
    column_sets = lapply(value, function(x) enc2utf8(flat(x))),
    frame = data.table::copy(frames[[value]]),
    measure = switch(value, mean = mean, median = stats::median),
    formula = {
      side <- function(x) Reduce(function(a, b) call("+", a, b), lapply(flat(x), as.name))
      right <- side(value$right)
      made <- if (length(value$left)) call("~", side(value$left), right) else call("~", right)
      stats::as.formula(made, env = globalenv())
    },
    value
  )
}

dk_run <- function(job_file, frames_folder, out_folder, subjects) {
  job <- jsonlite::fromJSON(job_file, simplifyVector = FALSE)
  frames <- lapply(job$frames, function(name) dk_read_frame(file.path(frames_folder, name)))
  names(frames) <- unlist(job$frames)
  into <- new.env()
  into$count <- 0L
  into$folder <- out_folder
  results <- list()
  described <- list()
  for (place in seq_along(job$calls)) {
    one <- job$calls[[place]]
    dk_progress$call <- place
    # A copy: some functions make a data.table of what they are given, in place, and the next call would see it.
    subject <- if (is.character(one$subject)) data.table::copy(frames[[one$subject]]) else results[[one$subject + 1L]]
    arguments <- lapply(one$arguments, dk_argument, frames = frames)
    names(arguments) <- vapply(one$arguments, function(x) x$name, "")
    first <- list(subject)
    if (!isS4(subject)) names(first) <- subjects[[place]]
    if (!is.null(job$seed)) set.seed(job$seed + place - 1L)
    begun <- proc.time()[["elapsed"]]
    value <- suppressWarnings(suppressMessages(do.call(
      getExportedValue("sdcMicro", one$`function`), c(first, arguments),
      quote = FALSE
    )))
    seconds <- proc.time()[["elapsed"]] - begun
    results[[place]] <- if (is.null(value)) list() else value
    kept <- if (isTRUE(one$keep)) dk_result(value, into) else list(kind = "omitted")
    described[[place]] <- list(result = kept, seconds = seconds)
  }
  dk_json(described, file.path(out_folder, "described.json"))
  invisible(NULL)
}

dk_progress <- new.env()
dk_progress$call <- 0L
