# The check for R. Every function is that of `sdc` in Python, by the same name and with the same arguments:
#
#     persons <- sdc.data("INHATAB", where = list(GEMEENTE = "0518"))
#     out <- sdc.table(persons, rows = "GEMEENTE", values = "INKOMEN", statistic = "sum", unit = "RINPERSOON")
#     out                                   # the table, the verdict, what fails and why
#     out <- sdc.apply(out, 1)              # with the first of sdc.remedies(out)
#     sdc.add(out, name = "income", title = "Income by municipality", population = "persons on 1 January")
#     sdc.submit(title = "Income", purpose = "a report", code = "income.ipynb")
#
# A process beside R does the work. What R holds goes to it as plain numbers in files, so nothing is rounded on the way.

local({
  state <- new.env()
  state$number <- 0L
  missing <- -.Machine$integer.max - 1
  named <- Filter(nzchar, Sys.getenv(c("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")))
  state$language <- if (length(named) && tolower(substr(named[[1]], 1, 2)) == "nl") "nl" else "en"

  # -------------------------------------------------------------------------------------------------------------- errors
  # No call goes along with an error, for it may hold what a frame holds: do.call(sdc.table, list(persons)).
  fail <- function(english, dutch = english) {
    said <- if (state$language == "nl") dutch else english
    stop(structure(class = c("sdc.error", "error", "condition"), list(message = said, call = NULL)))
  }

  # A notebook shows of our errors the sentence alone: the way through our own code says nothing to its reader. This
  # reaches into IRkernel, which has no other door for it; where it has changed, an error is shown as any other.
  if (requireNamespace("IRkernel", quietly = TRUE)) try(silent = TRUE, {
    methods <- asNamespace("IRkernel")$Executor$def@refMethods
    shown <- methods$handle_error
    body(shown@.Data) <- call("if", quote(inherits(e, "sdc.error")), quote({
      said <- paste0("Error: ", conditionMessage(e))
      err <<- list(ename = "ERROR", evalue = said, traceback = list(said))
      if (!is_silent()) send_response("error", current_request, "iopub", err)
    }), body(shown@.Data))
    methods$handle_error <- shown
  })

  # ------------------------------------------------------------------------------------------------ the process beside
  not_started <- function() fail("The check could not be started.", "De controle kon niet worden gestart.")

  start <- function() {
    state$folder <- tempfile("sdc-")
    dir.create(state$folder, mode = "0700")
    answers <- file.path(state$folder, "answers")
    if (system2("mkfifo", c("-m", "600", shQuote(answers))) != 0) not_started()
    # Libraries that R puts first are not those of Python. The shell opens the pipe: it ends with the process.
    command <- paste("exec env -u LD_LIBRARY_PATH", paste0("LANGUAGE=", state$language),
                     "python3 -m disclosure.notebook.r", shQuote(state$folder), ">", shQuote(answers))
    state$asked <- pipe(command, "w", encoding = "UTF-8")
    state$answers <- fifo(answers, "r", blocking = TRUE, encoding = "UTF-8")
    writeLines("", state$asked)  # an empty line: the first answer tells that the process is there
    flush(state$asked)
    if (length(readLines(state$answers, 1)) == 0) {
      end()
      not_started()
    }
  }

  end <- function() {
    for (one in c("asked", "answers")) if (!is.null(state[[one]])) try(close(state[[one]]), silent = TRUE)
    state$asked <- state$answers <- NULL
  }

  call_check <- function(call, ..., frame = NULL) {
    if (is.null(state$asked)) start()
    state$number <- state$number + 1L
    number <- state$number
    given <- list(...)
    names <- if (is.null(names(given))) rep("", length(given)) else names(given)
    request <- list(number = number, call = call)
    if (!is.null(frame)) request <- c(request, written(frame, number))
    request$named <- lapply(given[names != ""], argument)
    request$unnamed <- unname(lapply(given[names == ""], argument))
    if (length(request$named) == 0) request$named <- NULL
    line <- jsonlite::toJSON(request, auto_unbox = TRUE, null = "null", digits = NA, na = "null")
    gone <- function(...) {
      end()
      fail("The check has ended; outputs and basket with it. Make them again.",
           "De controle is geëindigd, en outputs en mandje daarmee. Maak ze opnieuw.")
    }
    tryCatch({
      writeLines(enc2utf8(as.character(line)), state$asked, useBytes = TRUE)
      flush(state$asked)
    }, error = gone)
    repeat {
      received <- readLines(state$answers, 1, encoding = "UTF-8")
      if (length(received) == 0) gone()
      answer <- jsonlite::fromJSON(received, simplifyVector = FALSE)
      if (identical(answer$number, number)) break  # what was interrupted is answered late
    }
    if (!is.null(answer$error)) fail(paste(c(answer$error, if (nzchar(answer$hint)) answer$hint), collapse = " "))
    answer
  }

  argument <- function(value) {
    if (inherits(value, "sdc.output")) return(list(`$output` = value$number))
    if (is.factor(value)) value <- as.character(value)
    if (is.null(value) || is.character(value) || is.numeric(value) || is.logical(value)) {
      return(if (is.null(names(value))) unname(value) else as.list(value))
    }
    if (inherits(value, "formula")) return(paste(deparse(value, width.cutoff = 500L), collapse = " "))
    if (is.list(value)) return(lapply(value, argument))
    fail("An argument is a text, a number, a truth value, a formula, an output, or a list of these.",
         "Een argument is een tekst, een getal, waar of onwaar, een formule, een output, of een lijst daarvan.")
  }

  # ----------------------------------------------------------------------------------------------------------- columns
  no_frame <- function() fail("The first argument is a data frame.", "Het eerste argument is een data frame.")

  written <- function(frame, number) {
    if (!is.data.frame(frame)) no_frame()
    name <- paste0("r-", number)
    file <- file(file.path(state$folder, name), "wb")
    on.exit(close(file))
    described <- Map(function(column, title) {
      one <- described_column(column, title)
      numbers <- one$numbers
      one$numbers <- NULL
      writeBin(numbers, file, size = if (is.integer(numbers)) 4L else 8L, endian = "little")
      one
    }, unclass(frame), names(frame))
    list(frame = unname(described), file = name)
  }

  described_column <- function(column, title) {
    made <- function(kind, numbers, ...) {
      list(name = enc2utf8(title), kind = kind, length = length(numbers), ..., numbers = numbers)
    }
    if (is.factor(column)) {
      return(made("factor", as.integer(column), levels = I(enc2utf8(levels(column))), ordered = is.ordered(column)))
    }
    if (inherits(column, "Date")) return(made("date", as.double(column)))
    if (inherits(column, "POSIXct")) {
      zone <- attr(column, "tzone")
      zone <- if (is.null(zone) || !nzchar(zone[1])) Sys.timezone() else zone[1]
      return(made("time", as.double(column), zone = if (is.null(zone) || is.na(zone)) "UTC" else zone))
    }
    unfit <- function(what, wat, type) fail(
      paste0("The column '", title, "' is of ", what, " ", type, ". Make it a number, a text, a factor or a date."),
      paste0("De kolom '", title, "' is van ", wat, " ", type, ". Maak er een getal, tekst, factor of datum van.")
    )
    if (is.object(column) || is.matrix(column)) unfit("class", "de klasse", class(column)[1])
    if (is.character(column)) {
      levels <- unique(column[!is.na(column)])
      return(made("text", match(column, levels), levels = I(enc2utf8(levels))))
    }
    if (is.logical(column)) return(made("logical", as.integer(column)))
    if (is.integer(column)) return(made("integer", column))
    if (is.double(column)) return(made("double", column))
    unfit("type", "het type", typeof(column))
  }

  received <- function(answer) {
    force(answer)  # the process may not be there before
    path <- file.path(state$folder, answer$file)
    file <- file(path, "rb")
    on.exit({ close(file); unlink(path) })
    columns <- lapply(answer$frame, function(one) {
      whole <- one$kind %in% c("logical", "integer", "text", "factor")
      numbers <- readBin(file, if (whole) "integer" else "double", one$length, if (whole) 4L else 8L, endian = "little")
      levels <- vapply(one$levels, identity, "")
      switch(one$kind,
        logical = as.logical(numbers),
        text = levels[numbers],
        factor = factor(levels[numbers], levels = levels, ordered = isTRUE(one$ordered)),
        date = structure(numbers, class = "Date"),
        time = structure(numbers, class = c("POSIXct", "POSIXt"), tzone = if (is.null(one$zone)) "UTC" else one$zone),
        numbers
      )
    })
    names(columns) <- vapply(answer$frame, function(one) one$name, "")
    structure(columns, row.names = .set_row_names(if (length(columns)) length(columns[[1]]) else 0L), class = "data.frame")
  }

  # --------------------------------------------------------------------------------------------------------- functions
  output <- function(answer) structure(list(number = answer$`$output`, status = answer$status), class = "sdc.output")

  sdc <- new.env()
  on_frame <- function(call) {
    force(call)
    function(frame, ...) {
      if (missing(frame)) no_frame()
      list(frame, ...)  # what the arguments stumble over is told of this call, not of one within
      output(call_check(call, ..., frame = frame))
    }
  }
  on_outputs <- function(call) {
    force(call)
    function(...) {
      list(...)
      output(call_check(call, ...))
    }
  }
  for (name in c("table", "summary", "crosstab", "pivot_table", "model", "survival", "t_test", "anova", "wilcoxon",
                 "chi_square", "correlation", "odds_ratio", "risk_ratio")) {
    sdc[[paste0("sdc.", name)]] <- on_frame(name)
  }
  for (name in c("figure", "text", "ratio", "difference", "index", "model_table", "apply", "basket")) {
    sdc[[paste0("sdc.", name)]] <- on_outputs(name)
  }
  sdc$sdc.data <- function(name = NULL, year = NULL, columns = NULL, where = NULL) {
    if (!is.null(where)) {
      if (!is.list(where) || is.null(names(where)) || !all(nzchar(names(where)))) {
        fail("where= is a named list of columns and their values, for example where = list(GEMEENTE = \"0518\").",
             "where= is een lijst van waarden per kolom, bij naam, bijvoorbeeld where = list(GEMEENTE = \"0518\").")
      }
      if (anyNA(where, recursive = TRUE)) {
        fail("where= takes values; what is missing is selected in R.",
             "where= neemt waarden; wat ontbreekt wordt in R geselecteerd.")
      }
      where <- lapply(where, function(one) as.list(if (inherits(one, c("Date", "factor"))) as.character(one) else one))
    }
    received(call_check("data", name = name, year = year, where = where,
                        columns = if (is.null(columns)) NULL else as.list(columns)))
  }
  sdc$sdc.remedies <- function(out = NULL) vapply(call_check("remedies", out)$value, identity, "")
  sdc$sdc.add <- function(out = NULL, name = NULL, title = "", population = "", differs = "") {
    call_check("add", out, name = name, title = title, population = population, differs = differs)
    invisible(out)
  }
  sdc$sdc.remove <- function(name = NULL) invisible(call_check("remove", name)$value)
  sdc$sdc.language <- function(code = NULL) {
    said <- call_check("language", code)$value
    state$language <- code
    said
  }
  sdc$sdc.submit <- function(title = NULL, purpose = NULL, code = NULL, author = "team") {
    call_check("submit", title = title, purpose = purpose, code = as.list(code), author = author)$value
  }

  # ----------------------------------------------------------------------------------------------------------- display
  method <- function(generic, class, function_, from) registerS3method(generic, class, function_, envir = asNamespace(from))
  method("print", "sdc.output", function(x, ...) {
    cat(call_check("show", x)$text, "\n", sep = "")
    invisible(x)
  }, "base")
  method("as.data.frame", "sdc.output", function(x, ...) received(call_check("frame", x)), "base")
  if (requireNamespace("repr", quietly = TRUE)) {
    told <- function(error) paste0("Error: ", conditionMessage(error))
    method("repr_text", "sdc.output", function(obj, ...) {
      tryCatch(call_check("show", obj)$text, sdc.error = told)
    }, "repr")
    method("repr_html", "sdc.output", function(obj, ...) {
      page <- tryCatch(call_check("show", obj)$html, sdc.error = function(error) "")
      if (nzchar(page)) page
    }, "repr")
  }
  attach(sdc, name = "datakamp")
})
