/**
 * Plain text as mdoc(7): each sentence begins a line, dashes of options are `\-`, and neither a backslash nor a first dot means anything.
 *
 * @example roffText('Ends it. See --wait') // 'Ends it.\nSee \\-\\-wait'
 */
export function roffText(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replace(/(?<!\w)--?(?=\w)/g, (dashes) => '\\-'.repeat(dashes.length))
    .replace(/([^.]\.) (?=[A-Z])/g, '$1\n')
    .replace(/^(?=[.'])/gm, '\\&');
}
