// Nothing here is needed to read or to vote.
